// A stream of more than two renditions: the source, two rungs of another size made from it, and audio. What the packager and its
// playlists say of them is a matter of data.
import { Parser } from "m3u8-parser";
import { parse as parseMpd } from "mpd-parser";
import { beforeAll, describe, expect, it } from "vitest";
import type { Rendition } from "../../../../native-host/media/rendition.ts";
import { DashManifest } from "../../../../native-host/packager/dash-manifest.ts";
import { renderMediaPlaylist } from "../../../../native-host/packager/hls-media-playlist.ts";
import { renderMultivariant } from "../../../../native-host/packager/hls-multivariant.ts";
import type { Packager } from "../../../../native-host/packager/packager.ts";
import { makePackager, makeRun, RENDITIONS, type RunMedia, storeOf, streamInto } from "./media.ts";

const rung = (id: string, height: number): Rendition => ({ ...RENDITIONS.video, id, height, width: height * 2 });
const RUNGS = [rung("v90", 90), rung("v44", 44)];
const ALL = [RENDITIONS.video, RENDITIONS.audio, ...RUNGS];

let media: RunMedia;
let small: RunMedia[];

beforeAll(async () => {
  const request = { seconds: 5, offset: 0.5 };
  [media, ...small] = (await Promise.all([
    makeRun(request),
    ...RUNGS.map(({ height }) => makeRun({ ...request, height: height ?? 0 })),
  ])) as [RunMedia, ...RunMedia[]];
}, 60_000);

/** Writes all renditions side by side, the rungs a little later than the source, and closes the run. */
function write(packager: Packager, run: number, pieces = 60): void {
  const assembler = streamInto(packager)(run, ALL);
  const streams = [
    ["video", media.video, 0],
    ["audio", media.audio, 0],
    ...RUNGS.map(({ id }, index) => [id, small[index]?.video ?? Buffer.alloc(0), 3] as const),
  ] as const;
  for (let piece = 0; piece < pieces + 3; piece++) {
    for (const [id, bytes, late] of streams) {
      const at = (index: number) => Math.floor((bytes.length * Math.min(pieces, Math.max(0, index - late))) / pieces);
      assembler.write(id, bytes.subarray(at(piece), at(piece + 1)));
    }
  }
  assembler.close();
}

const text = (packager: Packager, id: string) => renderMediaPlaylist(packager, storeOf(packager, id));

describe("a stream with rungs", () => {
  it("has the same numbers, boundaries and times in every rendition, over several runs", () => {
    const packager = makePackager();
    write(packager, 0);
    write(packager, 1);
    const main = storeOf(packager, "video");
    expect(packager.renditions.map(({ id }) => id)).toEqual(["video", "v90", "v44", "audio"]);
    for (const { id } of RUNGS) {
      const store = storeOf(packager, id);
      expect(store.segments.map(({ msn, run }) => [msn, run])).toEqual(main.segments.map(({ msn, run }) => [msn, run]));
      expect(store.segments.map(({ start }) => Math.round(start))).toEqual(
        main.segments.map(({ start }) => Math.round(start)),
      );
      expect(store.segments.map(({ discontinuity_sequence }) => discontinuity_sequence)).toEqual(
        main.segments.map(({ discontinuity_sequence }) => discontinuity_sequence),
      );
      for (const { parts } of store.segments) expect(parts[0]?.independent).toBe(true);
    }
    expect(packager.dropped_units).toBe(0);
  });

  it("lists a variant for each in HLS, all with the same audio, and reports on the others", () => {
    const packager = makePackager();
    write(packager, 0);
    const parser = new Parser();
    parser.push(renderMultivariant(packager) ?? "");
    parser.end();
    const variants = parser.manifest.playlists ?? [];
    expect(variants.map(({ uri }) => uri)).toEqual(["video.m3u8", "v90.m3u8", "v44.m3u8"]);
    expect(variants.map(({ attributes }) => attributes.RESOLUTION?.height)).toEqual([180, 90, 44]);
    expect(new Set(variants.map(({ attributes }) => attributes.AUDIO))).toEqual(new Set(["audio"]));
    const reports = [...text(packager, "v90").matchAll(/RENDITION-REPORT:URI="([^"]+)"/g)].map(([, uri]) => uri);
    expect(reports).toEqual(["video.m3u8", "v44.m3u8", "audio.m3u8"]);
    expect(text(packager, "v44")).toContain('#EXT-X-MAP:URI="init-v44-0.mp4"');
  });

  it("puts them into one AdaptationSet in DASH", () => {
    const packager = makePackager();
    write(packager, 0);
    packager.end();
    const mpd = new DashManifest(packager).render() ?? "";
    expect(mpd.match(/<AdaptationSet /g)).toHaveLength(2);
    const manifest = parseMpd(mpd, { manifestUri: "http://127.0.0.1/manifest.mpd" });
    expect(manifest.playlists.map(({ attributes }) => attributes.NAME)).toEqual(["video", "v90", "v44"]);
    const lists = manifest.playlists.map(({ segments }) => segments.map(({ presentationTime }) => presentationTime));
    expect(lists[1]).toEqual(lists[0]);
    expect(lists[2]).toEqual(lists[0]);
  });

  it("goes on with the window: all let go of the same numbers", () => {
    const packager = makePackager({ window: { seconds: 5, bytes: 1e9 } });
    for (let run = 0; run < 6; run++) write(packager, run, 11);
    const firsts = packager.renditions.map(({ segments, listed }) => [segments[0]?.msn, listed[0]?.msn]);
    expect(new Set(firsts.map(String)).size).toBe(1);
  });
});
