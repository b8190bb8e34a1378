// HLS before hls.js is there.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { lowLatencyHlsEngine } from "../../../player/engines/hls.ts";

const { made, load } = vi.hoisted(() => ({ made: [] as FakeEngine[], load: { fails: false } }));

class FakeEngine {
  readonly adjustable_rate = true;
  readonly calls: string[] = [];
  constructor(readonly url: string) {
    if (load.fails) throw new Error("no network");
    made.push(this);
  }
  attach = () => this.calls.push("attach");
  selectQuality = (id: string | null) => this.calls.push(`quality ${id}`);
  retry = () => this.calls.push("retry");
  destroy = () => this.calls.push("destroy");
}

vi.mock("../../../player/engines/hls-engine.ts", () => ({ HlsEngine: FakeEngine }));

const failed: string[] = [];
const create = () =>
  lowLatencyHlsEngine.create("http://h/index.m3u8", {
    onFailed: ({ kind, reason }) => failed.push(`${kind}: ${reason}`),
  });
const video = {} as HTMLVideoElement;

beforeEach(() => {
  load.fails = false;
  made.length = 0;
  failed.length = 0;
});
afterEach(() => vi.unstubAllGlobals());

describe("an engine whose code is being loaded", () => {
  it("is attached once it is there, with what the viewer has chosen meanwhile", async () => {
    const engine = create();
    engine.attach(video);
    engine.selectQuality?.("rung1.m3u8");
    expect(engine.position().live_edge).toBeNull();
    expect(engine.qualities?.().choices).toEqual([]);
    await vi.waitFor(() => expect(made[0]?.calls).toEqual(["attach", "quality rung1.m3u8"]));
    engine.retry();
    expect(made[0]?.calls.at(-1)).toBe("retry");
  });

  it("never plays where it was ended before", async () => {
    const engine = create();
    engine.attach(video);
    engine.destroy();
    await vi.waitFor(() => expect(made[0]?.calls).toEqual(["destroy"]));
  });

  it("tells that it can't be loaded, and tries again when asked to", async () => {
    load.fails = true;
    const engine = create();
    engine.attach(video);
    await vi.waitFor(() => expect(failed).toEqual(["network: hls.js can't be loaded: Error: no network"]));
    load.fails = false;
    engine.retry();
    await vi.waitFor(() => expect(made[0]?.calls).toEqual(["attach"]));
  });
});

describe("a browser", () => {
  it("without Media Source Extensions has no HLS by hls.js; an iPhone has the managed ones", () => {
    vi.stubGlobal("MediaSource", undefined);
    expect(lowLatencyHlsEngine.supported()).toBe(false);
    vi.stubGlobal("ManagedMediaSource", { isTypeSupported: (type: string) => type.includes("avc1") });
    expect(lowLatencyHlsEngine.supported()).toBe(true);
  });
});
