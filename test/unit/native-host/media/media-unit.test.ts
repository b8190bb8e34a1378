// Media units of what FFmpeg really writes: parsed once, their samples found, their bytes not copied.
import { beforeAll, describe, expect, it } from "vitest";
import { FragmentReader } from "../../../../native-host/media/fragment-reader.ts";
import type { InitSegment } from "../../../../native-host/media/init-segment.ts";
import { MediaUnit } from "../../../../native-host/media/unit.ts";
import { makeRun, RENDITIONS, type RunMedia } from "../packager/media.ts";

let media: RunMedia;

beforeAll(async () => {
  media = await makeRun({ seconds: 3, offset: 0.5 });
}, 60_000);

function read(kind: "video" | "audio", bytes: Buffer, pieces = 1): { inits: InitSegment[]; units: MediaUnit[] } {
  const [inits, units]: [InitSegment[], MediaUnit[]] = [[], []];
  const reader = new FragmentReader({
    rendition: RENDITIONS[kind],
    run: 7,
    onInit: (init) => inits.push(init),
    onUnit: (unit) => units.push(unit),
  });
  for (let piece = 0; piece < pieces; piece++) {
    const at = (index: number) => Math.floor((bytes.length * index) / pieces);
    reader.write(bytes.subarray(at(piece), at(piece + 1)));
  }
  return { inits, units };
}

describe("MediaUnit", () => {
  it("knows its rendition, its place on the stream's clock, and where a decoder can start", () => {
    const { inits, units } = read("video", media.video);
    expect(inits).toHaveLength(1);
    expect(inits[0]).toMatchObject({ run: 7, rendition: RENDITIONS.video, width: 320, height: 180 });
    for (const unit of units) expect(unit).toMatchObject({ kind: "video", run: 7, init: inits[0] });
    expect(units.reduce((sum, { frames }) => sum + frames, 0)).toBe(90);
    expect(Math.abs((units[0]?.dts ?? 0) - 500)).toBeLessThan(10);
    for (const [index, { end }] of units.slice(0, -1).entries()) expect(units[index + 1]?.dts).toBeCloseTo(end, 1);
    expect(units.filter(({ keyframe }) => keyframe)).toHaveLength(3);
  });

  it("is a view of what came where it came whole, and one copy where it didn't", () => {
    const whole = read("video", media.video).units;
    for (const { bytes } of whole) expect(bytes.buffer).toBe(media.video.buffer);
    const cut = read("video", media.video, 331).units;
    expect(cut.map(({ bytes }) => Buffer.from(bytes))).toEqual(whole.map(({ bytes }) => Buffer.from(bytes)));
  });

  it.each(["video", "audio"] as const)("gives the samples of %s as views, in their order", (kind) => {
    const { units } = read(kind, media[kind]);
    const samples = units.flatMap((unit) => unit.samples());
    expect(samples).toHaveLength(units.reduce((sum, { frames }) => sum + frames, 0));
    for (const unit of units) {
      const own = unit.samples();
      expect(own[0]?.dts).toBeCloseTo(unit.dts, 6);
      expect(own[0]?.keyframe).toBe(unit.keyframe);
      const bytes = own.reduce((sum, { data }) => sum + data.length, 0);
      expect(own.every(({ data }) => data.buffer === unit.bytes.buffer)).toBe(true);
      expect(bytes).toBeLessThan(unit.bytes.length);
      expect(own.at(-1)?.data.byteOffset).toBe(
        unit.bytes.byteOffset + unit.bytes.length - (own.at(-1)?.data.length ?? 0),
      );
    }
  });

  it.each([
    [2n ** 62n, "far beyond any date"],
    [-(2n ** 62n), "far before it"],
  ])("refuses a time that no playlist could say: %s, %s", (time) => {
    const bytes = Buffer.from(media.video);
    const tfdt = bytes.indexOf("tfdt");
    expect(bytes[tfdt + 4]).toBe(1); // 64 bits
    bytes.writeBigInt64BE(time, tfdt + 8);
    expect(() => read("video", bytes)).toThrow(/a time in it is impossible/);
  });

  it("makes the last frame before a gap short, and changes nothing else", async () => {
    const { units } = read("video", (await makeRun({ seconds: 8, offset: 0.5, gap: [2.2, 6.3] })).video);
    const long = units.filter(({ duration }) => duration > 1_000);
    expect(long).toHaveLength(1);
    for (const unit of long) {
      const short = unit.shortened(200);
      expect(short.duration).toBeLessThan(500);
      expect(short).toMatchObject({ dts: unit.dts, frames: unit.frames, keyframe: unit.keyframe });
      expect(short.samples().map(({ pts, data }) => [pts, Buffer.from(data)])).toEqual(
        unit.samples().map(({ pts, data }) => [pts, Buffer.from(data)]),
      );
      expect(unit.duration).toBeGreaterThan(4_000); // other sinks have the same one
    }
  });

  it("refuses a fragment that claims more samples than it can have", () => {
    const { inits, units } = read("video", media.video);
    const bytes = Buffer.from(units[0]?.bytes ?? []);
    const trun = bytes.indexOf("trun");
    bytes.writeUInt32BE(3_000_000, trun + 8);
    const moof = bytes.readUInt32BE(0);
    expect(() => MediaUnit.read(inits[0] as InitSegment, bytes, moof)).toThrow(
      expect.objectContaining({ code: "ffmpeg_failed" }),
    );
  });
});
