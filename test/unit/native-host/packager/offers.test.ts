// Rungs that nobody reads: told to viewers, made afterwards, let go.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { FragmentReader } from "../../../../native-host/media/fragment-reader.ts";
import type { InitSegment } from "../../../../native-host/media/init-segment.ts";
import type { MediaUnit } from "../../../../native-host/media/unit.ts";
import { DashManifest } from "../../../../native-host/packager/dash-manifest.ts";
import { renderMediaPlaylist } from "../../../../native-host/packager/hls-media-playlist.ts";
import { renderMultivariant } from "../../../../native-host/packager/hls-multivariant.ts";
import type { Packager } from "../../../../native-host/packager/packager.ts";
import { feed, makePackager, makeRun, RENDITIONS, type RunMedia, storeOf } from "./media.ts";

const RUNG = { ...RENDITIONS.video, id: "rung1", width: 160, height: 90, bitrate: 100_000 } as const;
let media: RunMedia;
let small: { init: InitSegment; units: MediaUnit[] };
let packager: Packager;

beforeAll(async () => {
  media = await makeRun({ seconds: 4.5, offset: 0 });
  const units: MediaUnit[] = [];
  let init: InitSegment | null = null;
  const reader = new FragmentReader({
    rendition: RUNG,
    run: 0,
    onInit: (given) => {
      init = given;
    },
    onUnit: (unit) => units.push(unit),
  });
  reader.write((await makeRun({ seconds: 4.5, offset: 0, height: 90 })).video);
  if (!init) throw new Error("there is no init segment");
  small = { init, units };
});
beforeEach(() => {
  packager = makePackager();
  for (const _ of feed(packager, 0, media));
  packager.offer(0, [small.init]);
});

const playlist = (id: string) => renderMediaPlaylist(packager, storeOf(packager, id));
const lines = (text: string) => text.split("\n").filter((line) => /^#EXTINF|PROGRAM-DATE|m4s$/.test(line));

describe("a rung that is offered", () => {
  it("stands in the multivariant playlist and in the MPD, below the source, though there is nothing of it", () => {
    expect(packager.find("rung1")).toBeUndefined();
    const multivariant = renderMultivariant(packager) ?? "";
    expect([...multivariant.matchAll(/^(\w+)\.m3u8$/gm)].map(([, id]) => id)).toEqual(["video", "rung1"]);
    const [source = 0, rung = 0] = [...multivariant.matchAll(/:BANDWIDTH=(\d+)/g)].map(([, bits]) => Number(bits));
    expect(source).toBeGreaterThan(rung);
    expect(rung).toBeGreaterThan(RUNG.bitrate * 1.25);
    expect(multivariant).toContain(`CODECS="${small.init.codec},`);
    const mpd = new DashManifest(packager).render() ?? "";
    const timelines = [...mpd.matchAll(/id="(video|rung1)"[\s\S]*?(<SegmentTimeline>[\s\S]*?<\/SegmentTimeline>)/g)];
    expect(timelines.map(([, id]) => id)).toEqual(["video", "rung1"]);
    expect(timelines[1]?.[2]).toBe(timelines[0]?.[2]);
    // FFmpeg would read every one of them, all the time.
    expect(renderMultivariant(packager, false)).not.toContain("rung1");
  });

  it("has the whole segments of the source once it joins, to be made when they are asked for", () => {
    const rung = packager.join("rung1");
    const source = storeOf(packager, "video");
    const whole = source.listed.filter(({ complete }) => complete);
    expect(rung?.listed.map(({ msn, duration, gap, deferred }) => [msn, duration, gap, deferred])).toEqual(
      whole.map(({ msn, duration }) => [msn, duration, false, true]),
    );
    expect(lines(playlist("rung1"))).toEqual(
      lines(playlist("video"))
        .slice(0, 3 * whole.length)
        .map((line) => line.replace(/^video/, "rung1")),
    );
    expect(packager.join("rung1")).toBe(rung);
    expect(packager.join("rung9")).toBeNull();
  });

  it("says the same of a segment that was made afterwards", () => {
    packager.join("rung1");
    const before = lines(playlist("rung1"));
    const [segment] = storeOf(packager, "rung1").segments;
    const { start = 0, end = 0 } = segment ?? {};
    packager.fill(
      "rung1",
      segment?.msn ?? 0,
      small.units.filter(({ dts }) => dts >= start - 1 && dts < end - 1),
    );
    expect(segment).toMatchObject({ deferred: false, gap: false, frames: 30 });
    expect(segment?.parts.length).toBe(storeOf(packager, "video").segments[0]?.parts.length);
    expect(lines(playlist("rung1"))).toEqual(before);
  });

  it("goes on with the source: the same numbers, lengths and parts", () => {
    packager = makePackager();
    let told = false;
    const all = [...small.units];
    for (const _ of feed(packager, 0, media)) {
      if (packager.main?.begun && !told) {
        packager.offer(0, [small.init]);
        told = packager.join("rung1") !== null;
      }
      const reached = packager.main?.last?.end ?? 0;
      while (told && all[0] && all[0].end < reached - 70) packager.write(all.shift() as MediaUnit);
    }
    for (const unit of all) packager.write(unit);
    packager.closeRun();
    const [source, rung] = ["video", "rung1"].map((id) =>
      storeOf(packager, id).segments.map(({ msn, parts }) => [msn, parts.map(({ duration }) => Math.round(duration))]),
    );
    expect(rung).toEqual(source);
  });

  it("is forgotten when it leaves, and still offered", () => {
    packager.join("rung1");
    packager.leave("rung1");
    expect(packager.find("rung1")).toBeUndefined();
    expect(renderMultivariant(packager)).toContain("rung1.m3u8");
  });
});
