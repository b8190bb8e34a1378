// The live engine's sink: one framing for all viewers, what who comes late gets, and what who is slow loses.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import * as ws from "ws";
import { FanOut } from "../../../../native-host/media/fan-out.ts";
import type { InitSegment } from "../../../../native-host/media/init-segment.ts";
import { LiveFeed } from "../../../../native-host/media/live-feed.ts";
import type { LiveOutput } from "../../../../native-host/media/live-reader.ts";
import type { MediaUnit } from "../../../../native-host/media/unit.ts";
import { websocketFrame } from "../../../../native-host/media/websocket-frame.ts";
import { type LiveMessage, readObject } from "../../../../protocol/live-messages.ts";
import { RENDITIONS } from "../packager/media.ts";

/** What reads the frames of a WebSocket; the types leave it out. */
const { Receiver } = ws as unknown as {
  Receiver: new (options: {
    isServer: boolean;
    binaryType?: string;
  }) => NodeJS.WritableStream & {
    on(event: "message", listener: (data: Buffer, binary: boolean) => void): unknown;
  };
};

const BYTES = 10_000;
const init = (kind: "video" | "audio") =>
  ({
    rendition: RENDITIONS[kind],
    run: 0,
    codec: kind,
    data: Buffer.from(`init of ${kind}`),
  }) as unknown as InitSegment;
const run = (number = 0) => ({ run: number, inits: [init("video"), init("audio")] });

/** A unit of 100 ms, three frames of video or one of audio; a keyframe each second. */
function unit(kind: "video" | "audio", index: number): MediaUnit {
  const time = { dts: index * 100, duration: 100, end: index * 100 + 100 };
  const keyframe = kind === "audio" || index % 10 === 0;
  const of = { rendition: RENDITIONS[kind], kind, run: 0, frames: kind === "video" ? 3 : 1 };
  return { ...of, ...time, keyframe, bytes: new Uint8Array(BYTES).fill(index) } as unknown as MediaUnit;
}

/** A viewer's end of the line, read by a real WebSocket receiver. */
class Line implements LiveOutput {
  waiting = 0;
  ended = false;
  /** Nothing is read from it. */
  stuck = false;
  readonly written: Buffer[] = [];
  readonly texts: LiveMessage[] = [];
  /** `<track alias>/<group>/<object> <ms>`, `*` on a keyframe. */
  readonly objects: string[] = [];
  readonly #receiver = new Receiver({ binaryType: "arraybuffer", isServer: false });
  constructor() {
    this.#receiver.on("message", (data, binary) => {
      if (!binary) this.texts.push(JSON.parse(String(data)));
      else {
        const object = readObject(data as unknown as ArrayBuffer);
        const { track_alias, group_id, object_id, presentation_time, keyframe } = object;
        this.objects.push(`${track_alias}/${group_id}/${object_id} ${presentation_time / 1000}${keyframe ? "*" : ""}`);
        expect(object.payload.length).toBe(BYTES);
      }
    });
  }
  write(pieces: readonly Buffer[]): void {
    for (const piece of pieces) {
      this.written.push(piece);
      if (this.stuck) this.waiting += piece.length;
      this.#receiver.write(piece);
    }
  }
  end(): void {
    this.ended = true;
  }
}

let fanOut: FanOut;
let feed: LiveFeed;

/** Writes units of video and audio, and lets what was gathered go out. */
function write(from: number, to: number): void {
  for (let index = from; index < to; index++) {
    fanOut.write(unit("video", index));
    fanOut.write(unit("audio", index));
    vi.advanceTimersByTime(100);
  }
}
const texts = (line: Line) => line.texts.map(({ type }) => type);

beforeEach(() => {
  vi.useFakeTimers();
  fanOut = new FanOut();
  feed = new LiveFeed({ attach: (sink) => fanOut.attach(sink), wall: (at) => at + 1_000_000 });
});
afterEach(() => vi.useRealTimers());

describe("websocketFrame", () => {
  it("is what a WebSocket receiver reads, at each form of its length", async () => {
    vi.useRealTimers();
    for (const length of [0, 125, 126, 65_535, 65_536, 200_000]) {
      const receiver = new Receiver({ isServer: false });
      const got = new Promise<Buffer>((resolve) => receiver.on("message", resolve));
      receiver.write(websocketFrame([new Uint8Array(length).fill(7)]));
      expect((await got).length, String(length)).toBe(length);
    }
  });
});

describe("a viewer", () => {
  it("gets the version, the run with its init segments and dates, and the rest of the group that goes on", () => {
    fanOut.openRun(run(4));
    write(0, 13);
    const line = new Line();
    feed.join(line);
    write(13, 14);
    expect(line.texts).toEqual([
      { type: "hello", version: 1 },
      expect.objectContaining({ type: "run", run: 4, date_zero: 1_000_000 }),
    ]);
    const [, announced] = line.texts;
    if (announced?.type !== "run") throw new Error("no run");
    expect(announced.tracks.map(({ kind, mime_type, init }) => [kind, mime_type, atob(init)])).toEqual([
      ["video", 'video/mp4; codecs="video"', "init of video"],
      ["audio", 'audio/mp4; codecs="audio"', "init of audio"],
    ]);
    const [video, audio] = announced.tracks.map(({ track_alias }) => track_alias);
    expect(line.objects.filter((each) => each.startsWith(`${video}/`))).toEqual(
      [`0 1000*`, `1 1100`, `2 1200`, `3 1300`].map((each) => `${video}/1/${each}`),
    );
    // The sound that is heard with the keyframe, and what follows.
    expect(line.objects.filter((each) => each.startsWith(`${audio}/`))[0]).toBe(`${audio}/1/0 1000*`);
  });

  it("gets the same buffer as all others, and what comes at the same moment in one", () => {
    fanOut.openRun(run());
    write(0, 1);
    const lines = [new Line(), new Line()];
    for (const line of lines) feed.join(line);
    const before = lines.map(({ written }) => written.length);
    write(1, 2);
    expect(lines.map(({ written }, index) => written.length - (before[index] ?? 0))).toEqual([1, 1]);
    expect(lines[0]?.written.at(-1)).toBe(lines[1]?.written.at(-1));
  });

  it("who comes between two runs is told of the next one; a new run has aliases of its own", () => {
    fanOut.openRun(run());
    const early = new Line();
    feed.join(early);
    write(0, 3);
    fanOut.closeRun();
    const late = new Line();
    feed.join(late);
    expect([texts(late), late.objects]).toEqual([["hello"], []]);
    fanOut.openRun(run(1));
    write(10, 12);
    expect(texts(late)).toEqual(["hello", "run"]);
    expect(texts(early)).toEqual(["hello", "run", "run"]);
    const aliases = early.texts
      .flatMap((each) => (each.type === "run" ? each.tracks : []))
      .map((each) => each.track_alias);
    expect(new Set(aliases).size).toBe(4);
  });

  it("is told of the end, and so is who comes after it", () => {
    fanOut.openRun(run());
    const line = new Line();
    feed.join(line);
    write(0, 1);
    fanOut.end();
    feed.end();
    expect([line.texts.at(-1), line.ended]).toEqual([{ type: "end" }, true]);
    const late = new Line();
    feed.join(late);
    expect([texts(late), late.ended]).toEqual([["hello", "end"], true]);
  });
});

describe("the feed", () => {
  it("is on the stream only while somebody watches", () => {
    fanOut.openRun(run());
    expect(fanOut.reports).toEqual([]);
    const leave = [feed.join(new Line()), feed.join(new Line())];
    expect([feed.viewers, fanOut.reports.map(({ name }) => name)]).toEqual([2, ["live"]]);
    leave[0]?.();
    leave[0]?.();
    expect(feed.viewers).toBe(1);
    leave[1]?.();
    expect(fanOut.reports).toEqual([]);
    const again = new Line();
    feed.join(again);
    write(0, 1);
    expect(again.objects).toHaveLength(2);
  });
});

describe("a viewer who doesn't read", () => {
  it("loses whole groups of pictures, counted and told, and goes on with a keyframe; the others lose nothing", () => {
    fanOut.openRun(run());
    const [slow, good] = [new Line(), new Line()];
    for (const line of [slow, good]) feed.join(line);
    write(0, 10);
    slow.stuck = true;
    write(10, 55);
    const waited = slow.waiting;
    expect(waited).toBeGreaterThan(0);
    // 1.5 s of it wait, and no more for as long as it doesn't read.
    expect(waited).toBeLessThan(17 * 2 * (BYTES + 50));
    write(55, 80);
    expect(slow.waiting).toBe(waited);
    slow.stuck = false;
    slow.waiting = 0;
    write(80, 90);
    const told = slow.texts.findLast(({ type }) => type === "left_out");
    expect(told).toMatchObject({ type: "left_out", groups: 6 });
    const [video] = slow.texts.flatMap((each) => (each.type === "run" ? each.tracks : []));
    const times = (line: Line) =>
      line.objects.filter((each) => each.startsWith(`${video?.track_alias}/`)).map((each) => each.split(" ")[1]);
    const gap = times(slow).indexOf("8000*");
    expect(Number(times(slow)[gap - 1])).toBeLessThan(2_700);
    expect(times(slow)).toHaveLength(gap + 10);
    expect(times(good)).toHaveLength(90);
    const lost = 90 - times(slow).length;
    expect(told).toMatchObject({ frames: lost * 3 });
    expect(fanOut.reports[0]).toMatchObject({ dropped_frames: lost * 3, dropped_units: lost * 2 });
  });

  it("gets a new run's tracks and the end all the same", () => {
    fanOut.openRun(run());
    const slow = new Line();
    feed.join(slow);
    slow.stuck = true;
    write(0, 30);
    fanOut.closeRun();
    fanOut.openRun(run(1));
    write(30, 31);
    feed.end();
    expect(texts(slow)).toEqual(["hello", "run", "run", "end"]);
  });
});
