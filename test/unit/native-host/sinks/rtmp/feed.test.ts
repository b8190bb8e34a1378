import { describe, expect, it } from "vitest";
import { RtmpFeed, type TimedTag } from "../../../../../native-host/sinks/rtmp/feed.ts";
import { MESSAGE } from "../../../../../native-host/sinks/rtmp/messages.ts";
import { audioInit, fragment, videoInit } from "../../../../fixtures/rtmp/fmp4.ts";

/** Kind, time and first bytes of the tags, short enough to be read. */
const short = (tags: TimedTag[]) =>
  tags.map(({ type, timestamp, header, keyframe }) => {
    const kind = type === MESSAGE.video ? "video" : type === MESSAGE.audio ? "audio" : "data";
    return `${kind}${header ? " header" : keyframe ? " key" : ""} ${timestamp}`;
  });
const HEADERS = (at: number) => [`data header ${at}`, `video header ${at}`, `audio header ${at}`];

/** Video at 25 fps in ticks of 1/1000, sound in packets of 20 ms; keyframe first. */
const video = (start: number, frames: number, key = true) =>
  fragment(
    start,
    Array.from({ length: frames }, (_, index) => ({ duration: 40, keyframe: key && index === 0, bytes: 10 })),
  );
const audio = (start: number, packets: number) =>
  fragment(
    start,
    Array.from({ length: packets }, () => ({ duration: 20, keyframe: true, bytes: 5 })),
  );

function openFeed(origin = 0): RtmpFeed {
  const feed = new RtmpFeed("h264", { frame_rate: 25 });
  feed.openConnection();
  feed.openRun({ video: videoInit(), audio: audioInit(), origin });
  return feed;
}

describe("RtmpFeed", () => {
  it("begins a connection with headers and a keyframe at 0, sound in its place", () => {
    const feed = openFeed();
    const tags = [...feed.write("audio", audio(4980, 2)), ...feed.write("video", video(5000, 2))];
    // The packet of 4980 came before the keyframe; that of 5060 may still be overtaken by a picture.
    expect(short([...tags, ...feed.write("audio", audio(5020, 3))])).toEqual([
      ...[...HEADERS(0), "video key 0", "audio 0", "audio 20", "video 40", "audio 40"],
    ]);
  });

  it("waits for a keyframe, also after a new connection", () => {
    const feed = openFeed();
    expect(feed.write("video", video(0, 5, false))).toEqual([]);
    feed.write("audio", audio(0, 100));
    expect(short(feed.write("video", video(200, 1)))).toEqual([...HEADERS(0), "video key 0"]);
    feed.openConnection();
    feed.write("video", video(240, 2, false));
    expect(short(feed.write("video", video(320, 1))).slice(0, 4)).toEqual([...HEADERS(0), "video key 0"]);
  });

  it("announces a new run and goes on in the stream's time", () => {
    const feed = openFeed();
    feed.write("audio", audio(0, 10));
    feed.write("video", video(0, 5));
    feed.openRun({ video: videoInit(), audio: audioInit(), origin: 700 });
    feed.write("audio", audio(0, 10));
    expect(short(feed.write("video", video(0, 1)))).toEqual([...HEADERS(700), "video key 700", "audio 700"]);
  });

  it("moves a run that seems to begin in the past as a whole", () => {
    const feed = openFeed();
    feed.write("audio", audio(0, 10));
    feed.write("video", video(0, 5)); // up to 160, sound up to 180
    feed.openRun({ video: videoInit(), audio: audioInit(), origin: 0 });
    feed.write("audio", audio(0, 10));
    expect(short(feed.write("video", video(0, 2)))).toEqual([
      ...[...HEADERS(181), "video key 181", "audio 181", "audio 201", "video 221", "audio 221"],
    ]);
  });

  it("gives what was held back when a run ends", () => {
    const feed = openFeed();
    expect(feed.write("video", video(0, 2))).toEqual([]);
    expect(short(feed.flush())).toEqual([...HEADERS(0), "video key 0", "video 40"]);
  });

  it("refuses another codec than the connection was opened for, and what it can't carry", () => {
    const feed = new RtmpFeed("vp9", {});
    expect(() => feed.openRun({ video: videoInit(), audio: null })).toThrowError(/change to h264/);
    expect(() => feed.openRun({ video: audioInit(), audio: null })).toThrowError(/RTMP with video as mp4a/);
    expect(() => feed.openRun({ video: videoInit(), audio: videoInit() })).toThrowError(/RTMP with sound as avc1/);
  });

  it("refuses a fragment that is cut off", () => {
    const feed = openFeed();
    const whole = video(0, 3);
    for (const length of [4, 20, 60, whole.length - 1]) {
      expect(() => feed.write("video", whole.subarray(0, length))).toThrowError(
        /FFmpeg ended with an error: a fragment/,
      );
    }
  });
});
