import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Packager } from "../../../../native-host/packager/packager.ts";
import { feed, feedWhole, makePackager, makeRun, type RunMedia } from "../packager/media.ts";
import { decode, startServer, type TestServer, TestStream, TOKEN } from "./live-stream.ts";

let media: RunMedia;
let second: RunMedia;
let http: TestServer;

beforeAll(async () => {
  [media, second] = await Promise.all([makeRun({ seconds: 6, offset: 0.2 }), makeRun({ seconds: 3, offset: 7 })]);
}, 60_000);
beforeEach(async () => {
  http = await startServer();
});
afterEach(() => http.close());

const at = (file: string) => `${http.origin}/s/one/${TOKEN}/${file}`;

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
    ["VLC/3.0.24 LibVLC/3.0.24", true],
    ["GStreamer souphttpsrc 1.22.0 libsoup/2.74.3", true],
    ["Mozilla/5.0 (X11; Linux x86_64) Chrome/156.0.0.0", false],
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
    const stream = new TestStream();
    feedWhole(stream.packager, 0, media);
    feedWhole(stream.packager, 1, second);
    http.streams.add(stream);
    const { msn } = stream.packager.find("video")?.listed.find(({ discontinuity }) => discontinuity) ?? { msn: -1 };
    const bytes = async (file: string, name: string) =>
      Buffer.from(await (await fetch(at(file), { headers: { "user-agent": name } })).arrayBuffer());
    const own = await bytes(`video-${msn}.m4s`, "Mozilla/5.0");
    const map = await bytes("init-video-1.mp4", "Mozilla/5.0");
    expect((await bytes(`video-${msn}.m4s`, "VLC/3.0.24 LibVLC/3.0.24")).equals(Buffer.concat([map, own]))).toBe(true);
    const next = `video-${msn + 1}.m4s`;
    expect((await bytes(next, "VLC/3.0.24 LibVLC/3.0.24")).equals(await bytes(next, "Mozilla/5.0"))).toBe(true);
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
