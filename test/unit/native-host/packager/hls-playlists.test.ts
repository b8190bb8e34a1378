import { type Manifest, Parser } from "m3u8-parser";
import { beforeAll, describe, expect, it } from "vitest";
import { renderMediaPlaylist } from "../../../../native-host/packager/hls-media-playlist.ts";
import { renderMultivariant } from "../../../../native-host/packager/hls-multivariant.ts";
import { parseMediaName } from "../../../../native-host/packager/hls-names.ts";
import type { Packager } from "../../../../native-host/packager/packager.ts";
import { feed, feedWhole, makePackager, makeRun, type RunMedia, STARTED_AT, storeOf } from "./media.ts";

let first: RunMedia;
let second: RunMedia;

beforeAll(async () => {
  [first, second] = await Promise.all([makeRun({ seconds: 5, offset: 0.5 }), makeRun({ seconds: 3, offset: 8 })]);
}, 60_000);

function parse(text: string): Manifest {
  const parser = new Parser();
  parser.push(text);
  parser.end();
  return parser.manifest;
}

function media(packager: Packager, id: string, skip = false): Manifest {
  return parse(renderMediaPlaylist(packager, storeOf(packager, id), skip));
}

describe("multivariant playlist", () => {
  it("says what was measured", () => {
    const packager = makePackager();
    expect(renderMultivariant(packager)).toBeNull();
    feedWhole(packager, 0, first);
    const manifest = parse(renderMultivariant(packager) ?? "");
    const [variant] = manifest.playlists ?? [];
    expect(variant?.uri).toBe("video.m3u8");
    expect(variant?.attributes).toMatchObject({ RESOLUTION: { width: 320, height: 180 }, AUDIO: "audio" });
    expect(variant?.attributes.CODECS).toMatch(/^avc1\.42c0..,mp4a\.40\.2$/);
    expect(Number(variant?.attributes["FRAME-RATE"])).toBeCloseTo(30, 0);
    expect(Number(variant?.attributes.BANDWIDTH)).toBeGreaterThanOrEqual(
      Number(variant?.attributes["AVERAGE-BANDWIDTH"]),
    );
    expect(Object.values(manifest.mediaGroups.AUDIO.audio ?? {})[0]?.uri).toBe("audio.m3u8");
  });
});

describe("media playlist", () => {
  it("says the same whether it was asked for before or not", () => {
    const [asked, fresh] = [makePackager(), makePackager()];
    const text = (packager: Packager, id: string) => renderMediaPlaylist(packager, storeOf(packager, id));
    for (const _ of feed(asked, 0, first, 300)) if (asked.playable) ["video", "audio"].map((id) => text(asked, id));
    asked.closeRun();
    feedWhole(fresh, 0, first, 300);
    feedWhole(asked, 1, second); // the parts of the first segments are listed no more
    feedWhole(fresh, 1, second);
    for (const id of ["video", "audio"]) expect(text(asked, id)).toBe(text(fresh, id));
  });

  it("holds at every moment of a run: never a line taken back, the target never broken", () => {
    const packager = makePackager();
    const seen = new Map<string, number>();
    const hints = new Set<string>();
    for (const _ of feed(packager, 0, first, 300)) {
      if (!packager.playable) continue;
      for (const kind of ["video", "audio"] as const) {
        const manifest = media(packager, kind);
        expect(manifest.targetDuration).toBe(2);
        expect(manifest.partTargetDuration).toBe(0.176);
        const open = manifest.preloadSegment?.parts ?? [];
        for (const part of [...manifest.segments.flatMap((segment) => segment.parts ?? []), ...open]) {
          expect(part.duration).toBeLessThanOrEqual(manifest.partTargetDuration);
          expect(seen.get(part.uri) ?? part.duration).toBe(part.duration);
          seen.set(part.uri, part.duration);
        }
        for (const segment of manifest.segments) {
          expect(Math.round(segment.duration)).toBeLessThanOrEqual(manifest.targetDuration);
          if (segment.parts)
            expect(segment.parts.reduce((sum, part) => sum + part.duration, 0)).toBeCloseTo(segment.duration, 3);
        }
        hints.add(manifest.preloadSegment?.preloadHints?.[0]?.uri ?? "");
      }
    }
    packager.closeRun();
    expect(hints.size).toBeGreaterThan(40);
    const missing = [...hints].filter((name) => {
      const place = parseMediaName(name);
      return place?.type !== "part" || !packager.find(place.rendition_id)?.part(place.msn, place.part);
    });
    // What comes after the last segment of a run can't be known: one hint of each rendition.
    expect(missing.length).toBeLessThanOrEqual(2);
  });

  it.each([28, 29, 30, 31])(
    "hints only at audio that will come, with a keyframe every %i frames",
    async (keyframes) => {
      const packager = makePackager();
      const hints = new Set<string>();
      for (const _ of feed(packager, 0, await makeRun({ seconds: 6, offset: 0.5, keyframes }), 500)) {
        const hint = packager.playable ? media(packager, "audio").preloadSegment?.preloadHints?.[0]?.uri : undefined;
        if (hint) hints.add(hint);
      }
      packager.closeRun();
      expect(hints.size).toBeGreaterThan(20);
      const missing = [...hints].filter((name) => {
        const place = parseMediaName(name);
        return place?.type !== "part" || !storeOf(packager, "audio").part(place.msn, place.part);
      });
      // The end of the run can't be foreseen.
      expect(missing.length).toBeLessThanOrEqual(1);
    },
  );

  it("places the sound, by dates and durations, nowhere beyond the media that there are", async () => {
    const packager = makePackager();
    for (const _ of feed(packager, 0, await makeRun({ seconds: 6, offset: 0.5004 })));
    const [video, audio] = [media(packager, "video"), media(packager, "audio")];
    const date = (manifest: Manifest, index: number) => Date.parse(manifest.segments[index]?.dateTimeString ?? "");
    const late = audio.segments.flatMap((segment, index) => {
      const [picture, sound] = [storeOf(packager, "video").listed[index], storeOf(packager, "audio").listed[index]];
      if (!picture || !sound) throw new Error("every segment is listed");
      const start = picture.start + date(audio, index) - date(video, index);
      let [end, there] = [start, sound.start];
      const parts = (segment.parts ?? []).map((part, place) => {
        end += part.duration * 1000;
        there += sound.parts[place]?.duration ?? 0;
        return end - there;
      });
      return [start - sound.start, start + segment.duration * 1000 - sound.end, ...parts];
    });
    expect(late.length).toBeGreaterThan(20);
    expect(Math.max(...late)).toBeLessThan(0.0005); // ms; hls.js allows for 0.0015
    expect(Math.min(...late)).toBeGreaterThan(-2.1);
  });

  it("has what low-latency players need", () => {
    const packager = makePackager();
    for (const _ of feed(packager, 0, first));
    const manifest = media(packager, "video");
    expect(manifest).toMatchObject({
      version: 9,
      mediaSequence: 0,
      discontinuitySequence: 0,
      independentSegments: true,
    });
    expect(manifest.serverControl).toMatchObject({ canBlockReload: true, canSkipUntil: 12, holdBack: 6 });
    expect(manifest.serverControl.partHoldBack).toBeGreaterThanOrEqual(manifest.partTargetDuration * 3);
    expect(manifest.segments[0]?.map?.uri).toBe("init-video-0.mp4");
    expect(Math.abs(Date.parse(manifest.segments[0]?.dateTimeString ?? "") - (STARTED_AT + 500))).toBeLessThan(10);
    expect(manifest.segments.at(-1)?.parts?.[0]?.independent).toBe(true);
    const report = manifest.renditionReports?.[0];
    expect(report?.uri).toBe("audio.m3u8");
    expect(packager.find("audio")?.part(report?.lastMsn ?? -1, report?.lastPart ?? -1)).toBeDefined();
    expect(manifest.endList).toBeUndefined();
  });

  it("lets players be as near to the end as the RFC allows, where media come as they are captured", () => {
    const packager = makePackager({ eager: true });
    for (const _ of feed(packager, 0, first));
    const { serverControl, partTargetDuration } = media(packager, "video");
    expect(serverControl.partHoldBack).toBeCloseTo(partTargetDuration * 2, 5);
  });

  it("leaves old segments out of a delta update", () => {
    const packager = makePackager();
    for (let run = 0; run < 5; run++) feedWhole(packager, run, first);
    const whole = media(packager, "video");
    const delta = media(packager, "video", true);
    expect(whole.segments.length).toBe(25);
    expect(delta.skip?.skippedSegments).toBe(13);
    expect(delta.segments.map((segment) => segment.uri)).toEqual(
      whole.segments.slice(13).map((segment) => segment.uri),
    );
    expect(delta.mediaSequence).toBe(whole.mediaSequence);
  });

  it("marks a new run, keeps the count when it leaves the window, and ends", () => {
    const packager = makePackager({ window: { seconds: 6, bytes: 1e9 } });
    feedWhole(packager, 0, first);
    feedWhole(packager, 1, second);
    for (const kind of ["video", "audio"] as const) {
      const manifest = media(packager, kind);
      expect(manifest.segments.map((segment) => segment.discontinuity === true)).toEqual([
        false,
        false,
        false,
        true,
        false,
        false,
      ]);
      expect(manifest.segments[3]?.map?.uri).toBe(`init-${kind}-1.mp4`);
      expect(manifest.discontinuitySequence).toBe(0);
    }
    feedWhole(packager, 2, first);
    feedWhole(packager, 3, second);
    packager.end();
    for (const kind of ["video", "audio"] as const) {
      const manifest = media(packager, kind);
      expect(manifest.discontinuitySequence).toBe(2);
      expect(manifest.mediaSequence).toBe(10);
      expect(manifest.endList).toBe(true);
      expect(manifest.segments.length).toBe(6);
      expect(manifest.segments.every((segment) => !segment.parts)).toBe(true);
    }
  });
});
