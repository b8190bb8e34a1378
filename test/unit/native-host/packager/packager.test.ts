import { beforeAll, describe, expect, it } from "vitest";
import { renderMediaPlaylist } from "../../../../native-host/packager/hls-media-playlist.ts";
import type { Packager } from "../../../../native-host/packager/packager.ts";
import type { SegmentStore } from "../../../../native-host/packager/segment-store.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import {
  feed,
  feedWhole,
  makePackager,
  makeRun,
  RENDITIONS,
  type RunMedia,
  storeOf,
  streamInto,
  unitsOf,
} from "./media.ts";

let first: RunMedia;
let second: RunMedia;

beforeAll(async () => {
  [first, second] = await Promise.all([makeRun({ seconds: 6, offset: 0.5 }), makeRun({ seconds: 3, offset: 8 })]);
}, 60_000);

const both = (packager: Packager) => ({ video: storeOf(packager, "video"), audio: storeOf(packager, "audio") });
const frames = (rendition: SegmentStore) => rendition.segments.reduce((sum, segment) => sum + segment.frames, 0);

describe("Packager", () => {
  it("cuts segments of a second at keyframes and loses no frame", () => {
    const packager = makePackager();
    feedWhole(packager, 0, first);
    const { video } = both(packager);
    expect(video.segments.map((segment) => Math.round(segment.duration))).toEqual([1000, 1000, 1000, 1000, 1000, 1000]);
    for (const segment of video.segments) expect(segment.parts[0]?.independent).toBe(true);
    expect(frames(video)).toBe(180);
    expect(packager.dropped_units).toBe(0);
    // FFmpeg moves its input by the 7 ms of priming of Opus.
    expect(Math.abs((video.last?.end ?? 0) - 6500)).toBeLessThan(10);
    expect(Math.abs((video.segments[0]?.start ?? 0) - 500)).toBeLessThan(10);
  });

  it("leaves room for a keyframe that is late, less of it where players are to be nearer", () => {
    const target = (segment_duration: number, near?: boolean) =>
      makePackager({ segment_duration, ...(near && { near }) }).target_duration;
    expect([target(1_000), target(2_000)]).toEqual([2, 3]);
    expect([target(1_000, true), target(2_000, true)]).toEqual([2, 2]);
  });

  it("knows what is missing between runs, and goes on from what was missing in the host before", () => {
    const packager = makePackager();
    feedWhole(packager, 0, first);
    expect(packager.missing).toBe(0);
    feedWhole(packager, 1, second);
    expect(Math.abs(packager.missing - 1_500)).toBeLessThan(40);
    const next = makePackager({ missing: packager.missing });
    feedWhole(next, 2, first);
    expect(storeOf(next, "video").segments.map(({ missing }) => missing)).toEqual(Array(6).fill(packager.missing));
  });

  it("keeps every byte of the media, whatever the pieces", () => {
    for (const pieces of [1, 13, first.video.length]) {
      const packager = makePackager();
      feedWhole(packager, 0, { video: first.video }, pieces);
      const video = storeOf(packager, "video");
      const init = video.initOf(0)?.data ?? Buffer.alloc(0);
      const parts = video.segments.flatMap((segment) => segment.parts.map((part) => part.data));
      const packed = Buffer.concat([init, ...parts]);
      // What follows the last fragment (mfra) is no media.
      expect(packed.equals(first.video.subarray(0, packed.length))).toBe(true);
      expect(first.video.toString("latin1", packed.length + 4, packed.length + 8)).toBe("mfra");
    }
  });

  it("cuts sound where the picture is cut, with the same numbers", () => {
    const packager = makePackager();
    feedWhole(packager, 0, first);
    const { video, audio } = both(packager);
    expect(audio.segments.map((segment) => segment.msn)).toEqual(video.segments.map((segment) => segment.msn));
    audio.segments.forEach((segment, index) => {
      expect(Math.abs(segment.start - (video.segments[index]?.start ?? 0))).toBeLessThanOrEqual(90);
      expect(segment.gap).toBe(false);
    });
    expect(frames(audio)).toBeGreaterThanOrEqual(280); // 6 s of 1024 samples at 48 kHz are 281
  });

  it.each([
    [60, 150, 150],
    [30, 150, 150],
    [15, 200, 200],
    [10, 300, 300],
    [60, 150, 20],
    [30, 150, 20],
  ])(
    "makes parts of 85 %% to 100 %% of PART-TARGET, but for the last of a segment: %i frames/s, %i ms, of fragments of %i ms",
    async (frame_rate, length, fragment) => {
      const packager = makePackager({ part_duration: length });
      feedWhole(packager, 0, await makeRun({ seconds: 3, offset: 0.5, frame_rate, fragment }));
      for (const rendition of Object.values(both(packager))) {
        for (const segment of rendition.segments) {
          segment.parts.forEach((part, index) => {
            expect(part.duration).toBeLessThanOrEqual(packager.part_target);
            if (index < segment.parts.length - 1)
              expect(part.duration).toBeGreaterThanOrEqual(packager.part_target * 0.85);
          });
        }
      }
    },
  );

  it.each([
    ["inside a run", 1],
    ["between two", 2],
  ])("has a valid playlist whatever the gap in the media: %s", async (_, runs) => {
    const packager = makePackager();
    if (runs === 1) feedWhole(packager, 0, await makeRun({ seconds: 18, offset: 0.5, gap: [2.2, 14.3] }));
    else {
      feedWhole(packager, 0, first);
      feedWhole(packager, 1, await makeRun({ seconds: 3, offset: 20 }));
    }
    for (const store of packager.renditions) {
      const lines = renderMediaPlaylist(packager, store).split("\n");
      const values = (tag: string) =>
        lines.flatMap((line) => new RegExp(`^${tag}:(?:DURATION=)?([\\d.]+)`).exec(line)?.[1] ?? []);
      for (const duration of values("#EXTINF").map(Number))
        expect(Math.round(duration)).toBeLessThanOrEqual(packager.target_duration);
      for (const duration of values("#EXT-X-PART").map(Number)) expect(duration).toBeLessThan(0.5);
      expect(lines.filter((line) => line === "#EXT-X-DISCONTINUITY")).toHaveLength(1);
      const after = store.segments.filter(({ start }) => start > 14_000);
      expect(after.length).toBeGreaterThan(1);
      expect(after.every(({ gap }) => !gap)).toBe(true);
      expect(after[0]?.start).toBeLessThan(runs === 1 ? 15_700 : 20_200); // the first keyframe
      // What is in the fragments is what the playlist says.
      for (const segment of store.segments) expect(segment.duration).toBeLessThan(2_500);
    }
    const [video, audio] = packager.renditions;
    expect(audio?.segments.map(({ msn }) => msn)).toEqual(video?.segments.map(({ msn }) => msn));
  });

  it.each([17, 33, 60, 120, 300, 600, 900])(
    "makes parts of 85 to 100 percent of PART-TARGET where frames come %i ms late, and moves frames for it no further than needed",
    async (late) => {
      const packager = makePackager();
      const media = await makeRun({ seconds: 6, offset: 0.5, late });
      const came = unitsOf(media.video);
      feedWhole(packager, 0, media);
      const { segments } = storeOf(packager, "video");
      for (const { parts } of segments) {
        parts.forEach(({ duration, independent }, index) => {
          expect(duration).toBeLessThanOrEqual(packager.part_target);
          if (index < parts.length - 1 && !independent)
            expect(duration).toBeGreaterThanOrEqual(packager.part_target * 0.85);
        });
      }
      // What the fragments say, read as a player reads them: no frame is missing, none overlaps, none is far from its time.
      const init = storeOf(packager, "video").initOf(0)?.data ?? Buffer.alloc(0);
      const shown = unitsOf(Buffer.concat([init, ...segments.flatMap(({ parts }) => parts.map(({ data }) => data))]));
      expect(shown).toHaveLength(came.length);
      shown.forEach(({ dts }, index) => {
        const before = shown[index - 1];
        if (before) expect(Math.abs(dts - before.end)).toBeLessThan(0.3);
        const bound =
          late + 34 <= packager.part_target ? (late + 34 - 26) / 2 + 1 : late + 34 - packager.part_target + 75;
        expect(Math.abs(dts - (came[index]?.dts ?? 0))).toBeLessThan(bound);
      });
    },
  );

  it.each([250, 600, 950])("makes no part too long where two frames in a row come %i ms late", async (late) => {
    const packager = makePackager();
    const media = await makeRun({ seconds: 8, offset: 0.5, late, row: 2 });
    const came = unitsOf(media.video);
    feedWhole(packager, 0, media);
    const { segments } = storeOf(packager, "video");
    const parts = segments.flatMap((segment) => segment.parts);
    for (const { duration } of parts) expect(duration).toBeLessThanOrEqual(packager.part_target);
    const init = storeOf(packager, "video").initOf(0)?.data ?? Buffer.alloc(0);
    const shown = unitsOf(Buffer.concat([init, ...parts.map(({ data }) => data)]));
    expect(shown).toHaveLength(came.length);
    const ahead = shown.map(({ dts }, index) => (came[index]?.dts ?? 0) - dts);
    expect(Math.max(...ahead)).toBeLessThan(2 * late); // of the one, and of the other
    expect(ahead.filter((each) => Math.abs(each) < 20).length).toBeGreaterThan(shown.length / 5); // it is made up for
  });

  it("joins short fragments into parts and never lets one cross a keyframe unmarked", async () => {
    const media = await makeRun({ seconds: 3, offset: 0, keyframes: 10, fragment: 34 });
    const packager = makePackager();
    feedWhole(packager, 0, { video: media.video });
    const { segments } = storeOf(packager, "video");
    expect(segments.map((segment) => segment.frames)).toEqual([30, 30, 30]);
    for (const segment of segments) {
      const starts = segment.parts.map((_, index) =>
        segment.parts.slice(0, index).reduce((sum, part) => sum + part.duration, 0),
      );
      for (const keyframe of [0, 333, 667]) {
        const part = segment.parts[starts.findLastIndex((start) => start < keyframe + 5)];
        expect(part?.independent).toBe(true);
      }
    }
  });

  it("survives one frame a second, and a keyframe that never comes", async () => {
    const [slow, endless] = await Promise.all([
      makeRun({ seconds: 8, offset: 0, frame_rate: 1, keyframes: 2 }),
      makeRun({ seconds: 8, offset: 0, keyframes: 1000 }),
    ]);
    const packager = makePackager();
    feedWhole(packager, 0, slow);
    expect(frames(both(packager).video)).toBe(8);
    for (const segment of both(packager).video.segments)
      expect(Math.round(segment.duration / 1000)).toBeLessThanOrEqual(packager.target_duration);
    const other = makePackager();
    feedWhole(other, 0, endless);
    expect(frames(both(other).video)).toBe(240);
    const cut = both(other).video.segments.filter(({ parts }) => parts[0]?.independent === false);
    expect(cut.length).toBeGreaterThanOrEqual(2);
    for (const segment of both(other).video.segments)
      expect(Math.round(segment.duration / 1000)).toBeLessThanOrEqual(other.target_duration);
  });

  it("says what is needed to play it, from the init segments", () => {
    const packager = makePackager();
    feedWhole(packager, 0, first);
    const { video, audio } = both(packager);
    expect(video.init).toMatchObject({ width: 320, height: 180 });
    expect(video.init?.codec).toMatch(/^avc1\.42c0[0-9a-f]{2}$/);
    expect(audio.init?.codec).toBe("mp4a.40.2");
    expect(video.measured.frame_rate).toBeCloseTo(30, 0);
    expect(video.measured.peak_bitrate).toBeGreaterThanOrEqual(video.measured.average_bitrate);
    expect(video.measured.average_bitrate).toBeGreaterThan(10_000);
  });

  it("has begun with the first parts, before a segment is whole", () => {
    const packager = makePackager();
    expect(packager.begun).toBe(false);
    for (const _ of feed(packager, 0, first)) if (packager.begun) break;
    expect(packager.begun).toBe(true);
    expect(packager.playable).toBe(false);
    expect(packager.find("video")?.segments[0]?.parts.length).toBeGreaterThan(0);
    expect(packager.find("audio")?.segments[0]?.parts.length).toBeGreaterThan(0);
  });

  it("becomes playable with the first whole segment, before the third second is there", () => {
    const packager = makePackager();
    expect(packager.playable).toBe(false);
    for (const _ of feed(packager, 0, first)) if (packager.playable) break;
    expect(packager.playable).toBe(true);
    expect(both(packager).video.last?.end ?? 0).toBeLessThan(2000 + 500);
  });

  it("goes on after a new run with a discontinuity in both renditions", () => {
    const packager = makePackager();
    feedWhole(packager, 0, first);
    feedWhole(packager, 1, second);
    for (const rendition of Object.values(both(packager))) {
      expect(rendition.segments.map((segment) => segment.discontinuity)).toEqual([
        ...Array(6).fill(false),
        true,
        false,
        false,
      ]);
      expect(rendition.segments.at(-1)?.discontinuity_sequence).toBe(1);
      expect(rendition.initOf(1)?.run).toBe(1);
    }
    expect(Math.abs((both(packager).video.segments[6]?.start ?? 0) - 8000)).toBeLessThan(10);
  });

  it("fills gaps where a run has no sound, so that the numbers stay together", () => {
    const packager = makePackager();
    feedWhole(packager, 0, first);
    feedWhole(packager, 1, { video: second.video });
    const { video, audio } = both(packager);
    expect(audio.segments.map((segment) => segment.msn)).toEqual(video.segments.map((segment) => segment.msn));
    expect(audio.segments.slice(-3).every((segment) => segment.gap && Math.round(segment.duration) === 1000)).toBe(
      true,
    );
    // While it is live players are told of the gaps; once it has ended there is nothing to wait for behind them.
    expect(renderMediaPlaylist(packager, audio)).toContain("#EXT-X-GAP");
    packager.end();
    expect(renderMediaPlaylist(packager, audio)).not.toContain("#EXT-X-GAP");
    expect(renderMediaPlaylist(packager, audio)).toContain("audio-5.m4s\n#EXT-X-ENDLIST");
  });

  it("doesn't wait for sound that stays away", () => {
    const packager = makePackager();
    const run = streamInto(packager)(0, [RENDITIONS.video, RENDITIONS.audio]);
    run.write("video", first.video);
    expect(packager.playable).toBe(true);
    expect(packager.find("audio")).toBeUndefined();
  });

  it("keeps to its window of seconds, and to its bytes, over a long stream", () => {
    const bytes = first.video.length + first.audio.length;
    const timed = makePackager({ window: { seconds: 10, bytes: 1e9 } });
    const sized = makePackager({ window: { seconds: 1e6, bytes } });
    for (let run = 0; run < 100; run++) {
      for (const packager of [timed, sized]) feedWhole(packager, run, first, 7);
      const listed = both(timed).video.listed.reduce((sum, segment) => sum + segment.duration, 0);
      expect(listed).toBeLessThanOrEqual(11_000);
      expect(both(sized).video.bytes + both(sized).audio.bytes).toBeLessThanOrEqual(bytes);
      expect(both(timed).video.segments.length).toBeLessThanOrEqual(14);
    }
    for (const packager of [timed, sized]) {
      const { video, audio } = both(packager);
      expect(video.last?.msn).toBe(599);
      expect(audio.segments[0]?.msn).toBe(video.segments[0]?.msn);
      expect(audio.listed[0]?.msn).toBe(video.listed[0]?.msn);
      expect(video.initOf(0)).toBeUndefined();
      expect(video.initOf(99)).toBeDefined();
    }
  });

  it("starts with the given number, and tells of the end", () => {
    const packager = makePackager({ first_sequence: 4000 });
    let changes = 0;
    const stop = packager.onChange(() => changes++);
    feedWhole(packager, 0, first);
    expect(both(packager).video.segments[0]?.msn).toBe(4000);
    expect(both(packager).video.segments[0]?.discontinuity_sequence).toBe(4000);
    expect(changes).toBeGreaterThan(10);
    packager.end();
    const after = changes;
    expect(packager.ended).toBe(true);
    packager.end();
    feedWhole(packager, 1, { video: first.video });
    expect(changes).toBe(after);
    stop();
  });

  it.each([
    ["noise", Buffer.alloc(64, 0xff)],
    ["a box without end", Buffer.from("ffffffff6d646174", "hex")],
    ["media before the header", Buffer.from("000000106d6f6f66000000086d666864", "hex")],
  ])("refuses %s", (_name, bytes) => {
    const packager = makePackager();
    const run = streamInto(packager)(0, [RENDITIONS.video]);
    expect(() => run.write("video", bytes)).toThrow(FlyBrowserError);
  });
});
