import { parse, parseUTCTiming } from "mpd-parser";
import { beforeAll, describe, expect, it } from "vitest";
import { DashManifest } from "../../../../native-host/packager/dash-manifest.ts";
import { parseTimedSegment } from "../../../../native-host/packager/dash-names.ts";
import { findSegment, ticks } from "../../../../native-host/packager/dash-timeline.ts";
import type { Packager } from "../../../../native-host/packager/packager.ts";
import { feed, feedWhole, makePackager, makeRun, RENDITIONS, type RunMedia, STARTED_AT, streamInto } from "./media.ts";

let first: RunMedia;
let second: RunMedia;

beforeAll(async () => {
  [first, second] = await Promise.all([makeRun({ seconds: 6, offset: 0.5 }), makeRun({ seconds: 3, offset: 8 })]);
}, 60_000);

/** Feeds a run up to a share of it, 0 to 1, and leaves it open. */
function feedPart(packager: Packager, run: number, media: Partial<RunMedia>, share: number): void {
  for (const done of feed(packager, run, media)) if (done >= share) break;
}

/** The MPD as text; there must be one. */
function render(packager: Packager, manifest = new DashManifest(packager)): string {
  const text = manifest.render();
  if (text === null) throw new Error("there is no MPD");
  return text;
}

function read(text: string) {
  const mpd = parse(text, { manifestUri: "http://h/s/one/t/manifest.mpd", NOW: STARTED_AT + 60_000 });
  const audio = Object.values(mpd.mediaGroups.AUDIO.audio ?? {})[0]?.playlists[0];
  const video = mpd.playlists[0];
  if (!video) throw new Error("no video");
  return { mpd, video, audio };
}

/** The segments of the first (video) timeline. */
function timesOf(text: string): { t: number; d: number }[] {
  const timeline = text.split("<SegmentTimeline>")[1]?.split("</SegmentTimeline>")[0] ?? "";
  return [...timeline.matchAll(/<S t="(\d+)" d="(\d+)"(?: r="(\d+)")?\/>/g)].flatMap(([, t, d, r = "0"]) =>
    Array.from({ length: Number(r) + 1 }, (_, index) => ({ t: Number(t) + index * Number(d), d: Number(d) })),
  );
}

const attribute = (text: string, name: string) => new RegExp(` ${name}="([^"]*)"`).exec(text)?.[1];

describe("DashManifest", () => {
  it("has nothing to say before there is media", () => {
    expect(new DashManifest(makePackager()).render()).toBeNull();
  });

  it("lists each segment of picture and sound by its time", () => {
    const packager = makePackager();
    feedWhole(packager, 0, first);
    packager.end();
    const { mpd, video, audio } = read(render(packager));
    expect(video.segments).toHaveLength(6);
    expect(audio?.segments).toHaveLength(6);
    expect(video.attributes).toMatchObject({ RESOLUTION: { width: 320, height: 180 }, "FRAME-RATE": 30 });
    expect(video.attributes.CODECS).toMatch(/^avc1\.42c0/);
    expect(audio?.attributes.CODECS).toBe("mp4a.40.2");
    expect(video.segments[0]?.map.uri).toBe("init-video-0.mp4");
    expect(video.endList).toBe(true);
    expect(mpd.minimumUpdatePeriod).toBeUndefined();
    for (const [index, segment] of video.segments.entries()) {
      expect(segment.duration).toBeCloseTo(1, 2);
      expect(segment.presentationTime).toBeCloseTo(0.5 + index, 1);
    }
  });

  it("names segments by a time under which they are found", () => {
    const packager = makePackager();
    feedWhole(packager, 0, first);
    const { video, audio } = read(render(packager));
    for (const [kind, list] of Object.entries({ video: video.segments, audio: audio?.segments ?? [] })) {
      for (const [index, { uri }] of list.entries()) {
        const asked = parseTimedSegment(uri);
        expect(asked).toMatchObject({ rendition_id: kind, run: 0 });
        const rendition = packager.find(asked?.rendition_id ?? "");
        if (!rendition || !asked) throw new Error("no such rendition");
        expect(findSegment(rendition, 0, asked.time, 1000)).toBe(rendition.segments[index]);
      }
    }
  });

  it("is live with all that low latency needs", () => {
    const packager = makePackager();
    feedPart(packager, 0, first, 0.7);
    const text = render(packager);
    expect(attribute(text, "type")).toBe("dynamic");
    expect(attribute(text, "availabilityStartTime")).toBe(new Date(STARTED_AT).toISOString());
    expect(attribute(text, "timeShiftBufferDepth")).toBe("PT60S");
    expect(attribute(text, "minimumUpdatePeriod")).toBe("PT0.5S");
    expect(attribute(text, "availabilityTimeComplete")).toBe("false");
    // As soon as it begins.
    expect(Number(attribute(text, "availabilityTimeOffset"))).toBe(1);
    expect(parseUTCTiming(text)).toMatchObject({ method: "GET", value: "time" });
    const target = Number(attribute(text, "target"));
    expect(target).toBeGreaterThan(packager.part_target * 3);
    expect(target).toBeLessThanOrEqual(1500);
    // The clock of capture and presentation time are one.
    const wall = Date.parse(attribute(text, "wallClockTime") ?? "");
    const timescale = packager.find("video")?.init?.timescale ?? 0;
    expect((Number(attribute(text, "presentationTime")) * 1000) / timescale).toBeCloseTo(wall - STARTED_AT, 0);
    expect(text.match(/<ProducerReferenceTime/g)).toHaveLength(2);
  });

  it("aims nearer where media come as they are captured", () => {
    const targets = [false, true].map((eager) => {
      const packager = makePackager({ eager });
      feedPart(packager, 0, first, 0.7);
      return Number(attribute(render(packager), "target"));
    });
    expect(targets).toEqual([900, 550]);
  });

  it("lists the segment being made from its first part on, a little longer than the ones before, and two more", () => {
    const packager = makePackager();
    const manifest = new DashManifest(packager);
    let seen = 0;
    for (const _ of feed(packager, 0, { video: first.video }, 400)) {
      const last = packager.find("video")?.last;
      if (!last || last.complete || last.parts.length === 0 || !packager.playable) continue;
      seen++;
      const text = render(packager, manifest);
      const timescale = packager.find("video")?.init?.timescale ?? 0;
      const [made, next, after] = timesOf(text).slice(-3);
      if (!made || !next || !after) throw new Error("too few segments");
      expect(made.t).toBe(ticks(last.start, timescale));
      expect(made.d / timescale).toBeGreaterThan(1);
      expect(made.d / timescale).toBeLessThan(1.2);
      expect(Math.abs(made.t + made.d - next.t)).toBeLessThanOrEqual(1);
      expect(Math.abs(next.t + next.d - after.t)).toBeLessThanOrEqual(1);
    }
    expect(seen).toBeGreaterThan(20);
  });

  it("makes a Period of each run, on one clock", () => {
    const packager = makePackager();
    const manifest = new DashManifest(packager);
    feedWhole(packager, 0, first);
    const before = render(packager, manifest);
    expect(before.match(/<Period /g)).toHaveLength(1);
    feedPart(packager, 1, second, 0.9);
    const text = render(packager, manifest);
    const starts = [...text.matchAll(/<Period id="(\d)" start="PT([\d.]+)S"/g)].map(([, id, start]) => [id, start]);
    expect(starts.map(([id]) => id)).toEqual(["0", "1"]);
    expect(Number(starts[0]?.[1])).toBeCloseTo(0.5, 1);
    expect(Number(starts[1]?.[1])).toBeCloseTo(8, 1);
    for (const period of text.split("<Period ").slice(1)) {
      const start = Number(attribute(` ${period}`, "start")?.slice(2, -1));
      const timescale = Number(attribute(period, "timescale"));
      // Presentation time is media time: the offset is the beginning of the Period itself.
      expect(Number(attribute(period, "presentationTimeOffset")) / timescale).toBeCloseTo(start, 3);
      expect(period).toContain('initialization="init-audio-');
    }
    const { video } = read(text);
    expect(video.segments[6]?.map.uri).toBe("init-video-1.mp4");
    expect(video.segments[6]?.presentationTime).toBeCloseTo(8, 1);
  });

  it("tells by the machine's clock as well when a run was captured, once that was set; its own clock stays as it is", () => {
    const clock = { ahead: 0, wall: (at: number) => at };
    const packager = makePackager({ clock });
    const manifest = new DashManifest(packager);
    /** By clock (the address it is told at), ms since 1970 of media time 0 as a Period says. */
    const zeros = (period: string) =>
      [
        ...period.matchAll(
          /<ProducerReferenceTime id="(\d)".*? wallClockTime="(\S+)" presentationTime="(\d+)".*?>\s*<UTCTiming schemeIdUri="urn:mpeg:dash:utc:(\S+)"/g,
        ),
      ].map(([, id, wall = "", time, clock]) => {
        const timescale = Number(attribute(period.slice(period.indexOf(`presentationTime="${time}"`)), "timescale"));
        return [Number(id), clock, Math.round(Date.parse(wall) - (Number(time) * 1000) / timescale)] as const;
      });
    const own = [0, "http-iso:2014", STARTED_AT] as const;
    feedWhole(packager, 0, first);
    clock.ahead = -3_600_000;
    feedPart(packager, 1, second, 0.9);
    clock.ahead = 5; // what comes later is of later runs
    const text = render(packager, manifest);
    expect(attribute(text, "availabilityStartTime")).toBe(new Date(STARTED_AT).toISOString());
    expect(parseUTCTiming(text)).toMatchObject({ method: "GET", value: "time" });
    const [before = "", after = ""] = text.split("<Period ").slice(1);
    expect(zeros(before)).toEqual([own, own]); // of picture and sound
    const set = [1, "http-head:2014", STARTED_AT - 3_600_000] as const;
    expect(zeros(after)).toEqual([own, set, own, set]);
    packager.end();
    expect(zeros(render(packager, manifest))).toEqual([set, set]);
  });

  it("shows a new run only when its sound has begun too, or stays away", () => {
    const packager = makePackager();
    const manifest = new DashManifest(packager);
    feedWhole(packager, 0, first);
    const run = streamInto(packager)(1, [RENDITIONS.video, RENDITIONS.audio]);
    run.write("audio", second.audio.subarray(0, 1_200)); // its init segment alone
    run.write("video", second.video.subarray(0, second.video.length / 3));
    expect(render(packager, manifest)).not.toContain('<Period id="1"');
    run.write("video", second.video.subarray(second.video.length / 3));
    const without = render(packager, manifest);
    expect(without.split('<Period id="1"')[1]).not.toContain("init-audio-1");
    // Once said, it stays so.
    run.write("audio", second.audio.subarray(1_200));
    expect(render(packager, manifest).split('<Period id="1"')[1]).not.toContain("init-audio-1");
  });

  it("forgets old runs with the window, and keeps what it has said of the others", () => {
    const packager = makePackager({ window: { seconds: 5, bytes: 1e9 } });
    const manifest = new DashManifest(packager);
    feedWhole(packager, 0, first);
    const start = attribute(render(packager, manifest), "start");
    const early = attribute(render(packager, manifest), "bandwidth");
    for (let run = 1; run < 6; run++) {
      feedWhole(packager, run, second);
      const text = render(packager, manifest);
      const runs = [...text.matchAll(/<Period id="(\d)"/g)].map(([, id]) => Number(id));
      expect(runs.at(-1)).toBe(run);
      expect(runs.length).toBeLessThanOrEqual(3);
      if (runs[0] === 0) expect([attribute(text, "start"), attribute(text, "bandwidth")]).toEqual([start, early]);
    }
  });

  it("ends static, with its duration, so that players play it out", () => {
    const packager = makePackager();
    feedWhole(packager, 0, first);
    packager.end();
    const text = render(packager);
    expect(attribute(text, "type")).toBe("static");
    expect(Number(attribute(text, "mediaPresentationDuration")?.slice(2, -1))).toBeCloseTo(6.5, 1);
    for (const name of ["minimumUpdatePeriod", "timeShiftBufferDepth", "availabilityTimeComplete"])
      expect(attribute(text, name)).toBeUndefined();
  });
});

describe("findSegment", () => {
  it("takes what begins near the time, and knows what is still to come", () => {
    const packager = makePackager();
    feedPart(packager, 0, { video: first.video }, 0.6);
    const video = packager.find("video");
    const last = video?.last;
    if (!video || !last) throw new Error("no picture");
    const timescale = video.initOf(0)?.timescale ?? 0;
    const find = (ms: number) => findSegment(video, 0, ticks(ms, timescale), 1000);
    expect(find(last.start)).toBe(last);
    expect(find(last.start + 60)).toBe(last);
    expect(find(last.start - 60)).toBe(last);
    expect(find(last.start + 1050)).toBe("later");
    expect(find(last.start + 60_000)).toBeNull();
    expect(find(200)).toBe(video.segments[0]);
    expect(findSegment(video, 7, 0, 1000)).toBeNull();
  });
});
