// The pattern survives what encoders and scalers do to a picture, and says no when it doesn't.
import { describe, expect, it } from "vitest";
import {
  ageOf,
  COLUMNS,
  decodePattern,
  encodePattern,
  ROWS,
  readPattern,
  SAMPLE_HEIGHT,
  SAMPLE_WIDTH,
  SAMPLES,
} from "../../../bench/pattern/codec.ts";

const STAMP = { time: 1_795_000_123_456 % 2 ** 32, frame: 54_321 };

/** A picture of the cells, `scale` px per sample, as grey bytes. */
function picture(cells: readonly boolean[], scale: number): { pixels: number[]; width: number; height: number } {
  const [width, height] = [SAMPLE_WIDTH * scale, SAMPLE_HEIGHT * scale];
  const pixels = Array.from({ length: width * height }, (_, index) => {
    const [x, y] = [index % width, Math.floor(index / width)];
    const cell = Math.floor(y / (SAMPLES * scale)) * COLUMNS + Math.floor(x / (SAMPLES * scale));
    return cells[cell] ? 255 : 0;
  });
  return { pixels, width, height };
}

/** Box blur over `radius` px, edges repeated. */
function blur({ pixels, width, height }: ReturnType<typeof picture>, radius: number) {
  const at = (x: number, y: number) =>
    pixels[Math.min(height - 1, Math.max(0, y)) * width + Math.min(width - 1, Math.max(0, x))] ?? 0;
  const side = 2 * radius + 1;
  const blurred = pixels.map((_, index) => {
    let sum = 0;
    for (let dy = -radius; dy <= radius; dy++) {
      for (let dx = -radius; dx <= radius; dx++) sum += at((index % width) + dx, Math.floor(index / width) + dy);
    }
    return sum / side ** 2;
  });
  return { pixels: blurred, width, height };
}

/** Mean of each block of `scale` × `scale` px, as a scaler does. */
function shrink({ pixels, width }: ReturnType<typeof picture>, scale: number): number[] {
  return Array.from({ length: SAMPLE_WIDTH * SAMPLE_HEIGHT }, (_, index) => {
    const [x, y] = [(index % SAMPLE_WIDTH) * scale, Math.floor(index / SAMPLE_WIDTH) * scale];
    let sum = 0;
    for (let dy = 0; dy < scale; dy++) for (let dx = 0; dx < scale; dx++) sum += pixels[(y + dy) * width + x + dx] ?? 0;
    return sum / scale ** 2;
  });
}

describe("pattern", () => {
  it("comes back as it went in", () => {
    for (const stamp of [STAMP, { time: 0, frame: 0 }, { time: 2 ** 32 - 1, frame: 65_535 }]) {
      expect(decodePattern(encodePattern(stamp))).toEqual(stamp);
    }
  });

  it("keeps the lower bits of times and frame numbers that are too large", () => {
    expect(decodePattern(encodePattern({ time: 2 ** 32 + 7, frame: 65_536 + 9 }))).toEqual({ time: 7, frame: 9 });
  });

  it("is read through blur, quantisation, less contrast and noise", () => {
    const scale = 4;
    const blurred = shrink(blur(picture(encodePattern(STAMP), scale), 5), scale);
    let random = 1;
    const poor = blurred.map((value) => {
      random = (random * 16_807) % 2_147_483_647;
      const noise = ((random % 41) - 20) * 1;
      return Math.min(235, Math.max(16, Math.round((30 + value * 0.78 + noise) / 24) * 24));
    });
    expect(readPattern(poor, 1)).toEqual(STAMP);
  });

  it("is read from RGBA as from grey", () => {
    const grey = shrink(picture(encodePattern(STAMP), 1), 1);
    const rgba = grey.flatMap((value) => [value, value, value, 255]);
    expect(readPattern(rgba, 4)).toEqual(STAMP);
  });

  it("refuses each single wrong cell", () => {
    const cells = encodePattern(STAMP);
    for (let wrong = 0; wrong < COLUMNS * ROWS; wrong++) {
      expect(decodePattern(cells.map((white, index) => (index === wrong ? !white : white)))).toBeNull();
    }
  });

  it("refuses pictures that show no pattern", () => {
    const size = SAMPLE_WIDTH * SAMPLE_HEIGHT;
    expect(readPattern(new Uint8Array(size), 1)).toBeNull();
    expect(readPattern(new Uint8Array(size).fill(255), 1)).toBeNull();
    expect(decodePattern([true])).toBeNull();
  });

  it("knows its age across the end of its range", () => {
    const shown = 2 ** 32 * 3 + 40;
    expect(ageOf({ time: 2 ** 32 - 60, frame: 1 }, shown)).toBe(100);
    expect(ageOf({ time: 42, frame: 1 }, shown)).toBe(-2);
  });
});
