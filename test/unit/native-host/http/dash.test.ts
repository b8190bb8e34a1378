import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FragmentReader } from "../../../../native-host/media/fragment-reader.ts";
import type { MediaUnit } from "../../../../native-host/media/unit.ts";
import type { Packager } from "../../../../native-host/packager/packager.ts";
import { feed, feedWhole, makePackager, makeRun, RENDITIONS, type RunMedia } from "../packager/media.ts";
import { decode, startServer, type TestServer, TestStream, TOKEN } from "./live-stream.ts";

let media: RunMedia;
let second: RunMedia;
let third: RunMedia;
let http: TestServer;

beforeAll(async () => {
  [media, second, third] = await Promise.all([
    makeRun({ seconds: 6, offset: 0.2 }),
    makeRun({ seconds: 3, offset: 7 }),
    makeRun({ seconds: 2, offset: 10.7 }),
  ]);
}, 60_000);
beforeEach(async () => {
  http = await startServer();
});
afterEach(() => http.close());

const at = (file: string) => `${http.origin}/s/one/${TOKEN}/${file}`;

const VLC = "VLC/3.0.24 LibVLC/3.0.24";
const GSTREAMER = "GStreamer souphttpsrc 1.22.0 libsoup/2.74.3";
const BROWSER = "Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0";

const bytes = async (file: string, name: string) =>
  Buffer.from(await (await fetch(at(file), { headers: { "user-agent": name } })).arrayBuffer());

/** A stream of three runs, with a hole of most of a second before the second one, and another before the third. */
function threeRuns(): TestStream {
  const stream = new TestStream();
  for (const [run, each] of [media, second, third].entries()) feedWhole(stream.packager, run, each);
  http.streams.add(stream);
  return stream;
}

function boxTypes(data: Buffer): string[] {
  const types: string[] = [];
  for (let box = 0; box < data.length; box += data.readUInt32BE(box))
    types.push(data.toString("latin1", box + 4, box + 8));
  return types;
}

/** The media units of a file, as `name` gets it. */
async function unitsIn(packager: Packager, file: string, name: string): Promise<MediaUnit[]> {
  const [id = "", msn] = file.split(/[-.]/);
  const run = packager.find(id)?.segment(Number(msn))?.run ?? -1;
  const units: MediaUnit[] = [];
  const rendition = id === "video" ? RENDITIONS.video : RENDITIONS.audio;
  const reader = new FragmentReader({ rendition, run, onInit: () => {}, onUnit: (unit) => void units.push(unit) });
  reader.write(await bytes(`init-${id}-${run}.mp4`, name));
  reader.write(await bytes(file, name));
  return units;
}

/** ms at which each run of a rendition begins and ends, as `name` gets it. */
async function runsOf(packager: Packager, id: string, name: string): Promise<{ begins: number; ends: number }[]> {
  const runs: { begins: number; ends: number }[] = [];
  for (const { msn, run } of packager.find(id)?.listed ?? []) {
    const units = await unitsIn(packager, `${id}-${msn}.m4s`, name);
    const [begins, ends] = [units[0]?.dts ?? Number.NaN, units.at(-1)?.end ?? Number.NaN];
    runs[run] = { begins: runs[run]?.begins ?? begins, ends };
  }
  return runs;
}

/** A live stream of video alone whose last segment has begun and isn't whole; the rest of its media by and by. */
function growing(packager: Packager = makePackager()) {
  const stream = new TestStream("one", packager);
  http.streams.add(stream);
  const rest = feed(packager, 0, { video: media.video }, 200);
  const last = () => packager.find("video")?.last;
  while (!packager.playable || last()?.complete || (last()?.parts.length ?? 0) !== 2) rest.next();
  return { packager, rest, segment: last() as NonNullable<ReturnType<typeof last>> };
}

/** Name of the one being made: two more are listed ahead of their beginning. */
const growingName = async () => (await segmentNames()).at(-3) ?? "";

/** Names of the video segments of the MPD. */
async function segmentNames(): Promise<string[]> {
  const text = await (await fetch(at("manifest.mpd"))).text();
  const timeline = text.split("<SegmentTimeline>")[1]?.split("</SegmentTimeline>")[0] ?? "";
  const times: number[] = [];
  for (const [, t, d, r] of timeline.matchAll(/<S t="(\d+)" d="(\d+)"(?: r="(\d+)")?\/>/g))
    for (let n = 0; n <= Number(r ?? 0); n++) times.push(Number(t) + n * Number(d));
  return times.map((time) => `video-0-t${time}.m4s`);
}

describe("DASH over HTTP", () => {
  it("has the right types, caching and CORS", async () => {
    growing();
    const [whole = ""] = await segmentNames();
    const types: Record<string, [string, RegExp]> = {
      "manifest.mpd": ["application/dash+xml", /no-store/],
      time: ["text/plain", /no-store/],
      [whole]: ["video/mp4", /immutable/],
    };
    for (const [file, [type, caching]] of Object.entries(types)) {
      const answer = await fetch(at(file), { headers: { "accept-encoding": "identity" } });
      expect([answer.status, answer.headers.get("content-type")]).toEqual([200, type]);
      expect(answer.headers.get("cache-control")).toMatch(caching);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      const bytes = (await answer.arrayBuffer()).byteLength;
      expect(answer.headers.get("content-length")).toBe(String(bytes));
    }
    expect((await fetch(at(whole), { headers: { range: "bytes=0-99" } })).status).toBe(206);
  });

  it.each([
    ["Lavf/59.27.100", true],
    ["libmpv", true],
    [VLC, true],
    [GSTREAMER, true],
    [BROWSER, false],
  ])("knows by its name whether %s plays a second Period, and sends others to HLS", async (name, by_hls) => {
    const stream = new TestStream();
    feedWhole(stream.packager, 0, media);
    http.streams.add(stream);
    const answer = await fetch(at("manifest.mpd"), { headers: { "user-agent": name } });
    expect([answer.url, answer.headers.get("vary")]).toEqual([
      at(by_hls ? "index.m3u8" : "manifest.mpd"),
      by_hls ? "Accept-Encoding" : "User-Agent, Accept-Encoding",
    ]);
    expect(await answer.text()).toContain(by_hls ? "#EXT-X-STREAM-INF" : "-t$Time$");
  });

  it("gives VLC the init segment of a new run with its first segment, and others without", async () => {
    const { packager } = threeRuns();
    const { msn } = packager.find("video")?.listed.find(({ discontinuity }) => discontinuity) ?? { msn: -1 };
    const types = async (file: string, name: string) => boxTypes(await bytes(file, name));
    expect((await types(`video-${msn}.m4s`, BROWSER)).slice(0, 2)).toEqual(["moof", "mdat"]);
    expect((await types(`video-${msn}.m4s`, VLC)).slice(0, 4)).toEqual(["ftyp", "moov", "moof", "mdat"]);
    expect((await types(`video-${msn + 1}.m4s`, VLC)).slice(0, 2)).toEqual(["moof", "mdat"]);
    expect((await types(`video-${msn}.m4s`, GSTREAMER)).slice(0, 2)).toEqual(["moof", "mdat"]);
  });

  it.each([VLC, GSTREAMER])(
    "has each run begin for %s where the one before ended, sound with its picture",
    async (name) => {
      const { packager } = threeRuns();
      const [video, audio] = [await runsOf(packager, "video", name), await runsOf(packager, "audio", name)];
      const [own, sound] = [await runsOf(packager, "video", BROWSER), await runsOf(packager, "audio", BROWSER)];
      for (const run of [1, 2]) {
        const shift = (own[run]?.begins ?? 0) - (video[run]?.begins ?? 0);
        expect(shift).toBeGreaterThan(run * 500);
        expect(video[run]?.begins).toBeCloseTo(video[run - 1]?.ends ?? 0, 0);
        expect((own[run]?.ends ?? 0) - (video[run]?.ends ?? 0)).toBeCloseTo(shift, 0);
        expect((sound[run]?.begins ?? 0) - (audio[run]?.begins ?? 0)).toBeCloseTo(shift, 0);
        expect((sound[run]?.ends ?? 0) - (audio[run]?.ends ?? 0)).toBeCloseTo(shift, 0);
      }
      expect([video[0], audio[0]]).toEqual([own[0], sound[0]]);
      const last = packager.find("video")?.last?.msn ?? -1;
      const [part, whole] = [await unitsIn(packager, `video-${last}.0.m4s`, name), video[2]];
      expect(part[0]?.dts).toBeLessThan(whole?.ends ?? 0);
      expect(part[0]?.dts).toBe((await unitsIn(packager, `video-${last}.m4s`, name))[0]?.dts);
    },
  );

  it.each(["Lavf/59.27.100", "libmpv"])("has the stream's own times for %s", async (name) => {
    const { packager } = threeRuns();
    for (const { msn } of packager.find("video")?.listed ?? []) {
      const file = `video-${msn}.m4s`;
      expect((await bytes(file, name)).equals(await bytes(file, BROWSER))).toBe(true);
    }
    const own = await runsOf(packager, "video", name);
    expect((own[1]?.begins ?? 0) - (own[0]?.ends ?? 0)).toBeGreaterThan(500);
  });

  it("gives VLC and GStreamer silence where the sound of a run ends before its picture, and others a gap", async () => {
    const stream = new TestStream();
    feedWhole(stream.packager, 0, { video: media.video, audio: media.audio.subarray(0, media.audio.length * 0.6) });
    feedWhole(stream.packager, 1, second);
    http.streams.add(stream);
    const gaps = stream.packager.find("audio")?.listed.filter(({ gap }) => gap) ?? [];
    expect(gaps.length).toBeGreaterThan(1);
    for (const { msn, start, duration } of gaps) {
      const file = `audio-${msn}.m4s`;
      for (const name of [VLC, GSTREAMER]) {
        const [unit, ...more] = await unitsIn(stream.packager, file, name);
        expect([unit?.dts, more]).toEqual([expect.closeTo(start, 0), []]);
        expect(duration - (unit?.duration ?? 0)).toBeGreaterThanOrEqual(0);
        expect(duration - (unit?.duration ?? 0)).toBeLessThan(22); // a frame of AAC
      }
      for (const name of [BROWSER, "libmpv"]) {
        expect((await fetch(at(file), { headers: { "user-agent": name } })).status).toBe(404);
      }
    }
    stream.packager.end();
    const whole = await decode(at("audio.m3u8"), ["-user_agent", GSTREAMER]);
    expect(whole.audio).toBeGreaterThan(8.5);
  });

  it("tells its time", async () => {
    growing();
    const text = await (await fetch(at("time"))).text();
    expect(text).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    expect(Math.abs(Date.parse(text) - Date.now())).toBeLessThan(5_000);
  });

  it("gives the segment being made as it grows, to its end", async () => {
    const { rest, segment } = growing();
    const name = await growingName();
    const answer = await fetch(at(name));
    expect(answer.headers.get("transfer-encoding")).toBe("chunked");
    const reader = answer.body?.getReader();
    if (!reader) throw new Error("no body");
    const got: Uint8Array[] = [];
    const bytes = () => got.reduce((sum, piece) => sum + piece.length, 0);
    const whole = () => segment.settled.reduce((sum, { length }) => sum + length, 0);
    while (bytes() < whole()) got.push((await reader.read()).value ?? new Uint8Array());
    expect(bytes()).toBe(whole());
    expect(segment.complete).toBe(false);
    // The next frame, before its part is whole.
    const [before, parts] = [whole(), segment.parts.length];
    while (whole() === before) rest.next();
    expect([segment.complete, segment.parts.length]).toEqual([false, parts]);
    while (bytes() < whole()) got.push((await reader.read()).value ?? new Uint8Array());
    while (!segment.complete) rest.next();
    for (;;) {
      const { value, done } = await reader.read();
      if (done) break;
      got.push(value);
    }
    const again = await fetch(at(name));
    expect(again.headers.get("content-length")).toBe(String(segment.bytes));
    expect(Buffer.concat(got).equals(Buffer.from(await again.arrayBuffer()))).toBe(true);
  });

  it("answers HEAD and Range of what still grows with what it can say", async () => {
    const { packager } = growing();
    const name = await growingName();
    const head = await fetch(at(name), { method: "HEAD" });
    expect([head.status, head.headers.get("content-length")]).toEqual([200, null]);
    const ranged = await fetch(at(name), { headers: { range: "bytes=0-9" } });
    expect(ranged.status).toBe(200);
    packager.end();
    expect((await ranged.arrayBuffer()).byteLength).toBeGreaterThan(10);
  });

  it("ends a growing answer with the run, well formed", async () => {
    const { packager, segment } = growing();
    const answer = await fetch(at(await growingName()));
    packager.closeRun();
    expect((await answer.arrayBuffer()).byteLength).toBe(segment.bytes);
  });

  it("breaks off a growing answer when nothing comes for too long", async () => {
    growing(makePackager({ segment_duration: 600 }));
    const answer = await fetch(at(await growingName()));
    await expect(answer.arrayBuffer()).rejects.toThrow();
  });

  it("lets a reader that leaves go, and serves the others on", async () => {
    const { packager } = growing();
    const name = await growingName();
    const leaving = new AbortController();
    await fetch(at(name), { signal: leaving.signal });
    const staying = await fetch(at(name));
    leaving.abort();
    packager.end();
    expect((await staying.arrayBuffer()).byteLength).toBeGreaterThan(0);
  });

  it("waits with who asks for the next segment a little early, and refuses what can't be", async () => {
    const { packager, rest, segment } = growing();
    const timescale = packager.find("video")?.init?.timescale ?? 0;
    const name = (ms: number) => `video-0-t${Math.round((ms * timescale) / 1000)}.m4s`;
    const early = fetch(at(name(segment.start + 1_050)));
    for (const nonsense of [name(segment.start + 60_000), "video-9-t0.m4s", "audio-0-t0.m4s"])
      expect((await fetch(at(nonsense))).status).toBe(404);
    while (!packager.find("video")?.part(segment.msn + 1, 0)) rest.next();
    const answer = await early;
    expect(answer.status).toBe(200);
    for (const _ of rest);
    packager.end();
    const bytes = (await answer.arrayBuffer()).byteLength;
    expect(bytes).toBe(packager.find("video")?.segment(segment.msn + 1)?.bytes);
    expect((await fetch(at(name(60_000)))).status).toBe(404);
  });

  it("gives who waits for a segment that will never come a box without media when the run ends", async () => {
    const { packager, segment } = growing();
    const timescale = packager.find("video")?.init?.timescale ?? 0;
    const name = `video-0-t${Math.round(((segment.start + 1_050) * timescale) / 1000)}.m4s`;
    const asked = fetch(at(name));
    await expect.poll(() => http.server.viewerCount("one")).toBe(1);
    packager.closeRun();
    const answer = await asked;
    expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-store"]);
    expect(Buffer.from(await answer.arrayBuffer()).toString("latin1")).toBe("\0\0\0\bfree");
    // Who asks now can know it.
    expect((await fetch(at(name))).status).toBe(404);
  });
});

describe("FFmpeg", () => {
  it("plays the whole: every frame and the audio", async () => {
    const stream = new TestStream();
    feedWhole(stream.packager, 0, media);
    stream.packager.end();
    http.streams.add(stream);
    const { video, audio } = await decode(at("manifest.mpd"));
    expect(video).toBe(180);
    expect(Math.abs(audio - 6)).toBeLessThan(0.1);
  }, 40_000);

  it("plays the runs of a stream to the end", async () => {
    const stream = new TestStream();
    feedWhole(stream.packager, 0, media);
    feedWhole(stream.packager, 1, second);
    stream.packager.end();
    http.streams.add(stream);
    expect((await decode(at("manifest.mpd"))).video).toBe(180 + 90);
  }, 40_000);

  it("joins while it grows, and loses no frame at the live edge", async () => {
    const stream = new TestStream();
    http.streams.add(stream);
    const pieces = feed(stream.packager, 0, media, 60);
    while (!stream.packager.playable) pieces.next();
    const source = ["-v", "error", "-t", "5.5", "-i", at("manifest.mpd")];
    const args = [...source, "-map", "0:v:0", "-map", "0:a:0", "-c", "copy", "-f", "framemd5", "-"];
    const played = promisify(execFile)("ffmpeg", args, { timeout: 30_000 });
    await expect.poll(() => http.server.viewerCount("one")).toBe(1);
    // As it comes: a piece is a tenth of a second.
    const timer = setInterval(() => {
      if (pieces.next().done) stream.packager.closeRun();
    }, 100);
    try {
      const { stdout, stderr } = await played;
      expect(stderr).toBe("");
      const frames = stdout
        .split("\n")
        .filter((line) => /^\d/.test(line))
        .map((line) => line.split(",").map(Number));
      for (const [track, least] of [164, 250].entries()) {
        const stamps = frames.filter(([number]) => number === track).map(([, , stamp]) => stamp ?? Number.NaN);
        expect(stamps.length).toBeGreaterThanOrEqual(least);
        // Neither a hole nor anything twice.
        const steps = stamps.slice(1).map((stamp, index) => stamp - (stamps[index] ?? 0));
        expect(Math.min(...steps)).toBeGreaterThan(0);
        expect(Math.max(...steps)).toBeLessThanOrEqual(Math.min(...steps) * 1.2);
      }
    } finally {
      clearInterval(timer);
    }
  }, 40_000);
});
