import { describe, expect, it } from "vitest";
import { FlvMuxer, type TimedTag } from "../../../../../native-host/sinks/rtmp/flv-muxer.ts";
import { MESSAGE } from "../../../../../native-host/sinks/rtmp/messages.ts";
import { AUDIO, runOf, unitOf, VIDEO } from "../../../../fixtures/rtmp/fmp4.ts";

/** Kind, time and first bytes of H.264's and AAC's tags, short enough to be read. */
const short = (tags: TimedTag[]) =>
  tags.map(({ type, timestamp, body }) => {
    if (type === MESSAGE.data) return `data header ${timestamp}`;
    const kind = type === MESSAGE.video ? "video" : "audio";
    const key = kind === "video" && (body[0] ?? 0) >> 4 === 1;
    return `${kind}${body[1] === 0 ? " header" : key ? " key" : ""} ${timestamp}`;
  });
const HEADERS = (at: number) => [`data header ${at}`, `video header ${at}`, `audio header ${at}`];

/** Video at 25 fps, audio in frames of 20 ms; a keyframe first. */
const video = (start: number, frames: number, key = true) =>
  unitOf(
    VIDEO,
    start,
    Array.from({ length: frames }, (_, index) => ({ duration: 40, keyframe: key && index === 0, bytes: 10 })),
  );
const audio = (start: number, frames: number) =>
  unitOf(
    AUDIO,
    start,
    Array.from({ length: frames }, () => ({ duration: 20, keyframe: true, bytes: 5 })),
  );

function openMuxer(): FlvMuxer {
  const muxer = new FlvMuxer("h264", 25);
  muxer.openConnection();
  muxer.openRun(runOf());
  return muxer;
}

describe("FlvMuxer", () => {
  it("begins a connection with headers and a keyframe at 0, audio in its place", () => {
    const muxer = openMuxer();
    const tags = [...muxer.write(audio(4980, 2)), ...muxer.write(video(5000, 2))];
    // The frame of 4980 came before the keyframe; that of 5060 may still be overtaken by video.
    expect(short([...tags, ...muxer.write(audio(5020, 3))])).toEqual([
      ...[...HEADERS(0), "video key 0", "audio 0", "audio 20", "video 40", "audio 40"],
    ]);
  });

  it("waits for a keyframe, also after a new connection, and counts what it leaves out", () => {
    const muxer = openMuxer();
    expect(muxer.write(video(0, 5, false))).toEqual([]);
    muxer.write(audio(0, 100));
    expect(short(muxer.write(video(200, 1)))).toEqual([...HEADERS(0), "video key 0"]);
    expect(muxer.left_out).toBe(5);
    muxer.openConnection();
    muxer.write(video(240, 2, false));
    expect(short(muxer.write(video(320, 1))).slice(0, 4)).toEqual([...HEADERS(0), "video key 0"]);
    expect(muxer.left_out).toBe(7);
  });

  it("begins a new connection with nothing that it held back before: what came between is missing", () => {
    const muxer = openMuxer();
    expect(muxer.write(video(0, 2))).toEqual([]);
    muxer.openConnection();
    muxer.write(audio(0, 100));
    expect(muxer.write(video(800, 1, false))).toEqual([]);
    expect(short(muxer.write(video(840, 1))).slice(0, 4)).toEqual([...HEADERS(0), "video key 0"]);
    expect(muxer.left_out).toBe(3);
  });

  it("announces a new run and goes on in the stream's time", () => {
    const muxer = openMuxer();
    muxer.write(audio(0, 10));
    muxer.write(video(0, 5));
    muxer.openRun(runOf());
    muxer.write(audio(700, 10));
    expect(short(muxer.write(video(700, 1)))).toEqual([...HEADERS(700), "video key 700", "audio 700"]);
  });

  it("moves a run that seems to begin in the past as a whole", () => {
    const muxer = openMuxer();
    muxer.write(audio(0, 10));
    muxer.write(video(0, 5)); // up to 160, audio up to 180
    muxer.flush();
    muxer.openRun(runOf());
    muxer.write(audio(0, 10));
    expect(short(muxer.write(video(0, 2)))).toEqual([
      ...[...HEADERS(181), "video key 181", "audio 181", "audio 201", "video 221", "audio 221"],
    ]);
  });

  it("gives what was held back when a run ends", () => {
    const muxer = openMuxer();
    expect(muxer.write(video(0, 2))).toEqual([]);
    expect(short(muxer.flush())).toEqual([...HEADERS(0), "video key 0", "video 40"]);
    expect(muxer.flush()).toEqual([]);
  });

  it("refuses another codec than the connection was opened for, and then gives nothing of that run", () => {
    const muxer = new FlvMuxer("vp9", 25);
    expect(() => muxer.openRun(runOf())).toThrowError(/change to h264/);
    expect(() =>
      muxer.openRun(
        runOf([
          { ...VIDEO, codec: "vp9" },
          { ...AUDIO, codec: "vp9" },
        ]),
      ),
    ).toThrowError(/change to vp9/);
    expect([...muxer.write(video(0, 5)), ...muxer.flush()]).toEqual([]);
  });
});
