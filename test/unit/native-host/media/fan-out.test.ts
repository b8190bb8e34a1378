// The fan-out and its queues: what a sink gets, what a slow one loses, and what happens to one that fails.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FanOut } from "../../../../native-host/media/fan-out.ts";
import type { InitSegment } from "../../../../native-host/media/init-segment.ts";
import type { Rendition } from "../../../../native-host/media/rendition.ts";
import type { MediaRun, MediaSink, SinkOptions } from "../../../../native-host/media/sink.ts";
import type { MediaUnit } from "../../../../native-host/media/unit.ts";
import { RENDITIONS } from "../packager/media.ts";

const RUNG: Rendition = { ...RENDITIONS.video, id: "v90" };
const init = (rendition: Rendition, run = 0) => ({ rendition, run }) as InitSegment;
const run = (number = 0, rungs = false): MediaRun => ({
  run: number,
  inits: [RENDITIONS.video, ...(rungs ? [RUNG] : []), RENDITIONS.audio].map((rendition) => init(rendition, number)),
});

/** A unit of 100 ms, three frames of video or one of audio. */
function unit(kind: "video" | "audio", index: number, more: Partial<MediaUnit> = {}): MediaUnit {
  const of = { rendition: RENDITIONS[kind], kind, run: 0, frames: kind === "video" ? 3 : 1 };
  const time = { dts: index * 100, duration: 100, end: index * 100 + 100 };
  const keyframe = kind === "audio" || index % 10 === 0;
  return { ...of, ...time, keyframe, bytes: new Uint8Array(1_000), ...more } as MediaUnit;
}

/** A sink that notes what it is told. */
class Notes implements MediaSink {
  readonly name: string = "notes";
  readonly heard: string[] = [];
  openRun({ run, inits }: MediaRun): void {
    this.heard.push(`open ${run}: ${inits.map(({ rendition }) => rendition.id)}`);
  }
  write({ rendition, dts }: MediaUnit): void | Promise<void> {
    this.heard.push(`${rendition.id} ${dts}`);
  }
  closeRun(): void {
    this.heard.push("close");
  }
  end(): void {
    this.heard.push("end");
  }
}

let fanOut: FanOut;

beforeEach(() => {
  vi.useFakeTimers();
  fanOut = new FanOut();
});
afterEach(() => vi.useRealTimers());

describe("a sink", () => {
  it("gets all of a run, in order", () => {
    const sink = new Notes();
    fanOut.attach(sink);
    fanOut.openRun(run());
    for (const each of [unit("video", 0), unit("audio", 0), unit("video", 1)]) fanOut.write(each);
    fanOut.closeRun();
    fanOut.end();
    expect(sink.heard).toEqual(["open 0: video,audio", "video 0", "audio 0", "video 100", "close", "end"]);
  });

  it("that comes in the middle begins with the last keyframe, and the audio that is heard with it", () => {
    fanOut.openRun(run());
    for (let index = 0; index < 13; index++) {
      fanOut.write(unit("audio", index));
      fanOut.write(unit("video", index));
    }
    const sink = new Notes();
    fanOut.attach(sink);
    expect(sink.heard.slice(0, 4)).toEqual(["open 0: video,audio", "video 1000", "audio 1000", "audio 1100"]);
    fanOut.end();
    const late = new Notes();
    fanOut.attach(late);
    expect(late.heard).toEqual(["end"]);
  });

  it("gets the source alone, unless it wants the rungs too", () => {
    const [source, all] = [new Notes(), new Notes()];
    fanOut.attach(source);
    fanOut.attach(all, { renditions: "all" });
    fanOut.openRun(run(0, true));
    fanOut.write(unit("video", 0));
    fanOut.write(unit("video", 0, { rendition: RUNG }));
    expect(source.heard).toEqual(["open 0: video,audio", "video 0"]);
    expect(all.heard).toEqual(["open 0: video,v90,audio", "video 0", "v90 0"]);
  });

  it("gets the sound as the browser encoded it only if it is live", () => {
    const opus: Rendition = { ...RENDITIONS.audio, id: "opus", codec: "opus" };
    const sinks = { source: new Notes(), all: new Notes(), live: new Notes() };
    for (const [renditions, sink] of Object.entries(sinks)) fanOut.attach(sink, { renditions } as SinkOptions);
    const opened = run();
    fanOut.openRun({ ...opened, inits: [...opened.inits, init(opus)] });
    fanOut.write(unit("video", 0));
    fanOut.write(unit("audio", 0));
    fanOut.write(unit("audio", 0, { rendition: opus }));
    expect(sinks.source.heard).toEqual(["open 0: video,audio", "video 0", "audio 0"]);
    expect(sinks.all.heard).toEqual(sinks.source.heard);
    expect(sinks.live.heard).toEqual(["open 0: video,opus", "video 0", "opus 0"]);
    const late = new Notes();
    fanOut.attach(late, { renditions: "live" });
    expect(late.heard).toEqual(sinks.live.heard);
    fanOut.closeRun();
    fanOut.openRun(run(1)); // without it
    expect(sinks.live.heard.at(-1)).toBe("open 1: video,audio");
  });

  it("that is taken off hears nothing more", () => {
    const sink = new Notes();
    const attachment = fanOut.attach(sink);
    fanOut.openRun(run());
    attachment.close();
    fanOut.write(unit("video", 0));
    expect(sink.heard).toHaveLength(1);
    expect(fanOut.reports).toEqual([]);
  });
});

describe("a slow sink", () => {
  /** Takes nothing until it is let. */
  class Slow extends Notes {
    readonly waiting: (() => void)[] = [];
    override write(each: MediaUnit): Promise<void> {
      void super.write(each);
      return new Promise((resolve) => this.waiting.push(resolve));
    }
    async letAll(): Promise<void> {
      for (let next = this.waiting.shift(); next; next = this.waiting.shift()) {
        next();
        await Promise.resolve();
        await Promise.resolve();
      }
    }
  }

  it("loses whole groups of pictures, which are counted, and no other sink notices", async () => {
    const [slow, other] = [new Slow(), new Notes()];
    const { report } = { report: () => fanOut.reports[0] };
    fanOut.attach(slow, { limits: { bytes: 8_000, span: 60_000 } });
    fanOut.attach(other);
    fanOut.openRun(run());
    for (let index = 0; index < 40; index++) fanOut.write(unit("video", index));
    expect(other.heard).toHaveLength(41);
    expect(report()).toMatchObject({ queued_bytes: 8_000, dropped_units: 31, dropped_frames: 93, detached: false });
    await slow.letAll();
    expect(slow.heard.at(-1)).toBe("video 800");
    for (let index = 40; index < 45; index++) fanOut.write(unit("video", index));
    await slow.letAll();
    expect(slow.heard.slice(-5)).toEqual([4000, 4100, 4200, 4300, 4400].map((dts) => `video ${dts}`));
    expect(report()).toMatchObject({ queued_bytes: 0, dropped_units: 31 });
  });

  it("has a bound of media time too", () => {
    fanOut.attach(new Slow(), { limits: { bytes: 1e9, span: 500 } });
    fanOut.openRun(run());
    for (let index = 0; index < 20; index++) fanOut.write(unit("video", index));
    expect(fanOut.reports[0]).toMatchObject({ dropped_units: 15 });
  });
});

describe("a sink that throws on every unit", () => {
  class Failing extends Notes {
    override readonly name = "failing";
    works = false;
    override write(each: MediaUnit): void {
      void super.write(each);
      if (!this.works) throw new Error("no");
    }
  }

  it("is detached after the first, said, given the stream anew after the pause, and counted", () => {
    const [failing, other] = [new Failing(), new Notes()];
    fanOut.attach(failing, { restart_after: 1_000 });
    fanOut.attach(other);
    fanOut.openRun(run());
    for (let index = 0; index < 12; index++) fanOut.write(unit("video", index));
    expect(failing.heard).toEqual(["open 0: video,audio", "video 0"]);
    expect(other.heard).toHaveLength(13);
    expect(fanOut.reports[0]).toMatchObject({
      name: "failing",
      detached: true,
      failures: 1,
      error: { code: "internal" },
    });
    vi.advanceTimersByTime(1_000);
    expect(failing.heard.slice(2)).toEqual(["open 0: video,audio", "video 1000"]);
    expect(fanOut.reports[0]).toMatchObject({ detached: true, failures: 2 });
    failing.works = true;
    vi.advanceTimersByTime(2_000);
    fanOut.write(unit("video", 12));
    expect(failing.heard.slice(4)).toEqual(["open 0: video,audio", "video 1000", "video 1100", "video 1200"]);
    expect(fanOut.reports[0]).toMatchObject({ detached: false, failures: 2 });
    expect(other.heard).toHaveLength(14);
  });

  it("by a promise is the same", async () => {
    const failing = new Notes();
    failing.write = () => Promise.reject(new Error("later"));
    fanOut.attach(failing);
    fanOut.openRun(run());
    fanOut.write(unit("video", 0));
    await vi.advanceTimersByTimeAsync(0);
    expect(fanOut.reports[0]).toMatchObject({ detached: true, failures: 1 });
  });

  it("is left alone once it is taken off", () => {
    const failing = new Failing();
    const attachment = fanOut.attach(failing);
    fanOut.openRun(run());
    fanOut.write(unit("video", 0));
    attachment.close();
    vi.advanceTimersByTime(60_000);
    expect(failing.heard).toHaveLength(2);
  });
});
