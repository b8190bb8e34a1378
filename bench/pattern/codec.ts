// The format of the test pattern: a time and a frame number as black and white cells with a checksum row. Runs in pages and in
// Node.

/** Cells across and down the pattern. Rows: time (2), frame number (1), checksum (1). */
export const COLUMNS = 16;
export const ROWS = 4;
/** The frame is divided into so many cells; the pattern fills the upper left corner of them. */
export const PICTURE_COLUMNS = 32;
export const PICTURE_ROWS = 18;
/** Pixels per cell, each way, of the small grey image that a reader hands to {@link readPattern}. */
export const SAMPLES = 4;
/** Size in px of that small image. */
export const SAMPLE_WIDTH = COLUMNS * SAMPLES;
export const SAMPLE_HEIGHT = ROWS * SAMPLES;

const TIME_RANGE = 2 ** 32;
const FRAME_RANGE = 2 ** 16;

/** What one frame says. */
export interface Stamp {
  /** ms since 1970, modulo 2^32 (49 days). */
  readonly time: number;
  /** Frame number, modulo 2^16. */
  readonly frame: number;
}

/** CRC-16/CCITT over three words; an all-black or all-white frame doesn't pass it. */
function checksum(words: readonly number[]): number {
  let crc = 0xffff;
  for (const word of words) {
    crc ^= word;
    for (let bit = 0; bit < 16; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

/** Gives the cells of a stamp, row by row, `true` for white. `time` and `frame` may be of any size. */
export function encodePattern(stamp: Stamp): boolean[] {
  const time = Math.floor(stamp.time) % TIME_RANGE;
  const words = [Math.floor(time / FRAME_RANGE), time % FRAME_RANGE, stamp.frame % FRAME_RANGE];
  words.push(checksum(words));
  return words.flatMap((word) => Array.from({ length: COLUMNS }, (_, column) => ((word >> (15 - column)) & 1) === 1));
}

/** Gives the stamp of cells in the order of {@link encodePattern}, or `null` when the checksum says no. */
export function decodePattern(cells: readonly boolean[]): Stamp | null {
  const words = [0, 0, 0, 0].map((_, row) =>
    cells.slice(row * COLUMNS, (row + 1) * COLUMNS).reduce((word, white) => word * 2 + (white ? 1 : 0), 0),
  );
  const [high = 0, low = 0, frame = 0, check = -1] = words;
  if (cells.length !== COLUMNS * ROWS || checksum([high, low, frame]) !== check) return null;
  return { time: high * FRAME_RANGE + low, frame };
}

/**
 * Reads the pattern out of its region of a frame, scaled to {@link SAMPLE_WIDTH} × {@link SAMPLE_HEIGHT}.
 * @param pixels brightness 0 to 255 at every `step` bytes (1 for grey, 4 for RGBA)
 * @returns `null` where there is no valid pattern
 */
export function readPattern(pixels: ArrayLike<number>, step: 1 | 4): Stamp | null {
  const cells: boolean[] = [];
  for (let row = 0; row < ROWS; row++) {
    for (let column = 0; column < COLUMNS; column++) {
      // The middle pixels only: the edges of a cell are where compression and scaling blur.
      let sum = 0;
      for (const y of [1, 2]) {
        for (const x of [1, 2]) sum += pixels[((row * SAMPLES + y) * SAMPLE_WIDTH + column * SAMPLES + x) * step] ?? 0;
      }
      cells.push(sum / 4 >= 128);
    }
  }
  return decodePattern(cells);
}

/** ms from the stamp to `now` (ms since 1970), whatever the modulus swallowed. */
export function ageOf(stamp: Stamp, now: number): number {
  const age = (((now - stamp.time) % TIME_RANGE) + TIME_RANGE) % TIME_RANGE;
  return age > TIME_RANGE / 2 ? age - TIME_RANGE : age; // clocks a little apart: slightly negative
}
