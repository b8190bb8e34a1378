// Reads back what test/fixtures/pages/pattern.html paints. The layout stands there and here.
// Never decodes media: gets pictures of 16 × 9 gray pixels, one for each cell.

/** Cells in a row of the pattern. */
export const COLUMNS = 16;
/** Rows of cells, of which the first five carry words. */
export const ROWS = 9;

/** What one picture says. */
export interface PatternFrame {
  /** Counts the page's paintings, modulo 65536. */
  readonly frame: number;
  /** ms since 1970, when the page painted it. */
  readonly time: number;
}

/** Reads one picture; null where it doesn't show the pattern (or shows it damaged). */
export function readPattern(cells: Uint8Array): PatternFrame | null {
  const word = (row: number): number => {
    let value = 0;
    for (let column = 0; column < COLUMNS; column++) {
      value = value * 2 + ((cells[row * COLUMNS + column] ?? 0) > 127 ? 1 : 0);
    }
    return value;
  };
  const [frame, high, middle, low, parity] = [word(0), word(1), word(2), word(3), word(4)] as const;
  if ((frame ^ high ^ middle ^ low) !== parity) return null;
  return { frame, time: high * 2 ** 32 + middle * 2 ** 16 + low };
}
