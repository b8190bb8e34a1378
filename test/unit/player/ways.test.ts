// The choice among the ways to view.
import { describe, expect, it } from "vitest";
import { type StreamSource, sourceOf, type Way, type WayId } from "../../../player/engines/engine.ts";
import { chooseWay, usableWays } from "../../../player/engines/ways.ts";

const way = (id: WayId, address: keyof StreamSource, supported = true): Way => ({
  id,
  label: id,
  supported: () => supported,
  address: (source) => source[address],
  create: () => {
    throw new Error("not made here");
  },
});
const WAYS = [way("webrtc", "whep"), way("ll-hls", "hls"), way("hls", "hls"), way("dash", "dash", false)];
const source: StreamSource = { hls: "http://h/index.m3u8", dash: null, whep: "http://h/whep" };
const none = new Set<WayId>();

describe("usableWays", () => {
  it("leaves out what the browser can't do", () => {
    expect(usableWays(WAYS).map(({ id }) => id)).toEqual(["webrtc", "ll-hls", "hls"]);
  });
});

describe("chooseWay", () => {
  it("takes the host's order, then the best that is left", () => {
    expect(chooseWay(WAYS, source, null, ["ll-hls", "hls"], none)?.id).toBe("ll-hls");
    expect(chooseWay(WAYS, source, null, [], none)?.id).toBe("webrtc");
  });

  it("takes the viewer's choice before it", () => {
    expect(chooseWay(WAYS, source, "hls", ["webrtc"], none)?.id).toBe("hls");
  });

  it("passes over what was given up and what the stream doesn't offer", () => {
    expect(chooseWay(WAYS, source, "webrtc", ["webrtc", "hls"], new Set(["webrtc"]))?.id).toBe("hls");
    expect(chooseWay(WAYS, { ...source, whep: null }, "webrtc", ["webrtc"], none)?.id).toBe("ll-hls");
    expect(chooseWay(WAYS, { hls: null, dash: null, whep: null }, null, [], none)).toBeNull();
  });
});

describe("sourceOf", () => {
  const base = new URL("http://h:1/s/a/t/");
  it("makes addresses absolute and knows where HLS lies before the host has said so", () => {
    expect(sourceOf({ hls: "x.m3u8", dash: null, whep: "whep" }, base)).toEqual({
      hls: "http://h:1/s/a/t/x.m3u8",
      dash: null,
      whep: "http://h:1/s/a/t/whep",
    });
    expect(sourceOf({}, base).hls).toBe("http://h:1/s/a/t/index.m3u8");
    expect(sourceOf({ hls: null }, base).hls).toBeNull();
  });
});
