import { beforeAll, describe, expect, it } from "vitest";
import { DashManifest } from "../../../../native-host/packager/dash-manifest.ts";
import { findJoined, joinedSegments } from "../../../../native-host/packager/dash-plain.ts";
import { ticks } from "../../../../native-host/packager/dash-timeline.ts";
import type { Packager } from "../../../../native-host/packager/packager.ts";
import type { SegmentStore } from "../../../../native-host/packager/segment-store.ts";
import { feed, feedWhole, makePackager, makeRun, type RunMedia, storeOf } from "./media.ts";

let media: RunMedia;

beforeAll(async () => {
  media = await makeRun({ seconds: 7, offset: 0.5 });
}, 60_000);

function both(packager: Packager): SegmentStore[] {
  return [storeOf(packager, "video"), storeOf(packager, "audio")];
}

describe("joinedSegments", () => {
  it("joins video and audio at the same places, and loses nothing", () => {
    const packager = makePackager();
    feedWhole(packager, 0, media);
    for (const rendition of both(packager)) {
      const joined = joinedSegments(packager, rendition.segments, 0);
      // Seven segments: three twos and the last one alone, which the run's end completes.
      expect(joined.map(({ complete }) => complete)).toEqual([true, true, true, true]);
      expect(joined.flatMap(({ segments }) => segments)).toEqual(rendition.segments);
      for (const { duration } of joined.slice(0, 3)) expect(Math.abs(duration - 2000)).toBeLessThan(180);
    }
  });

  it("is complete only when nothing more can be joined", () => {
    const packager = makePackager();
    for (const _ of feed(packager, 0, media)) {
      const video = packager.find("video");
      if (!video?.last) continue;
      const joined = joinedSegments(packager, video.segments, 0);
      const whole = video.segments.filter(({ complete }) => complete).length;
      expect(joined.filter(({ complete }) => complete)).toHaveLength(Math.floor(whole / 2));
    }
    packager.closeRun();
    for (const rendition of both(packager))
      expect(joinedSegments(packager, rendition.segments, 0).every(({ complete }) => complete)).toBe(true);
  });

  it("is found by its exact time alone, and not before it is complete", () => {
    const packager = makePackager();
    const [, second] = [0, 2];
    for (const _ of feed(packager, 0, { video: media.video })) {
      const video = packager.find("video");
      const place = video?.segment(second);
      if (!video || !place || place.parts.length === 0) continue;
      const time = ticks(place.start, video.initOf(0)?.timescale ?? 0);
      const complete = video.segment(second + 1)?.complete === true;
      expect(findJoined(packager, video, 0, time) !== null).toBe(complete);
      expect(findJoined(packager, video, 0, time + 1)).toBeNull();
    }
  });
});

describe("the plain MPD", () => {
  it("has whole segments only, and none of low latency", () => {
    const packager = makePackager();
    const manifest = new DashManifest(packager);
    const pieces = feed(packager, 0, media);
    while (!packager.playable) pieces.next();
    expect(manifest.render(true)).toBeNull();
    for (const _ of pieces) if ((packager.find("video")?.last?.msn ?? 0) === 5) break;
    const text = manifest.render(true) ?? "";
    expect(text).toContain('type="dynamic"');
    expect(text).toContain("-p$Time$.m4s");
    for (const word of ["availabilityTimeOffset", "availabilityTimeComplete", "<Latency"])
      expect(text).not.toContain(word);
    const timeline = text.split("<SegmentTimeline>")[1]?.split("</SegmentTimeline>")[0] ?? "";
    const count = [...timeline.matchAll(/<S [^>]*?(?: r="(\d+)")?\/>/g)].reduce(
      (sum, [, r]) => sum + 1 + Number(r ?? 0),
      0,
    );
    expect(count).toBe(2);
    expect(manifest.render()).toContain("<Latency");
  });
});
