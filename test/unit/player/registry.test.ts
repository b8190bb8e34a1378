// The choice among the engines.
import { describe, expect, it } from "vitest";
import {
  type EngineFactory,
  type PlaybackProtocol,
  type StreamSource,
  sourceOf,
} from "../../../player/engines/engine.ts";
import { chooseEngine, type EngineChoice, supportedEngines } from "../../../player/engines/registry.ts";

const engine = (protocol: PlaybackProtocol, url: keyof StreamSource, supported = true): EngineFactory => ({
  protocol,
  supported: () => supported,
  urlOf: (source) => source[url],
  create: () => {
    throw new Error("not created here");
  },
});
const ENGINES = [
  engine("webrtc", "whep"),
  engine("ll-hls", "hls"),
  engine("hls", "hls"),
  engine("dash", "dash", false),
];
const source: StreamSource = { hls: "http://h/index.m3u8", dash: null, whep: "http://h/whep", live: "http://h/live" };

const choose = (more: Partial<EngineChoice>) =>
  chooseEngine({ supported: ENGINES, source, selected: null, preferred: [], failed: new Set(), ...more })?.protocol;

describe("supportedEngines", () => {
  it("leaves out what the browser doesn't support", () => {
    expect(supportedEngines(ENGINES).map(({ protocol }) => protocol)).toEqual(["webrtc", "ll-hls", "hls"]);
  });
});

describe("chooseEngine", () => {
  it("takes the host's order, then the best that is left", () => {
    expect(choose({ preferred: ["ll-hls", "hls"] })).toBe("ll-hls");
    expect(choose({})).toBe("webrtc");
  });

  it("prefers the viewer's choice", () => {
    expect(choose({ selected: "hls", preferred: ["webrtc"] })).toBe("hls");
  });

  it("passes over what failed and what the stream doesn't offer", () => {
    const failed = new Set(["webrtc"]);
    expect(choose({ selected: "webrtc", preferred: ["webrtc", "hls"], failed })).toBe("hls");
    expect(choose({ selected: "webrtc", preferred: ["webrtc"], source: { ...source, whep: null } })).toBe("ll-hls");
    expect(choose({ source: { hls: null, dash: null, whep: null, live: null } })).toBeUndefined();
  });
});

describe("sourceOf", () => {
  const base = new URL("http://h:1/s/a/t/");
  it("makes URLs absolute and knows that of HLS before the host has sent any", () => {
    expect(sourceOf({ hls: "x.m3u8", dash: null, whep: "whep", live: "live" }, base)).toEqual({
      hls: "http://h:1/s/a/t/x.m3u8",
      dash: null,
      whep: expect.stringMatching(/^http:\/\/h:1\/s\/a\/t\/whep\?viewer=[0-9a-f]{24}$/), // a name by which people are counted
      live: expect.stringMatching(/^http:\/\/h:1\/s\/a\/t\/live\?viewer=[0-9a-f]{24}$/),
    });
    expect(sourceOf({}, base).hls).toBe("http://h:1/s/a/t/index.m3u8");
    expect(sourceOf({ hls: null }, base).hls).toBeNull();
  });
});
