// Percentiles, summaries and gaps, unrounded.

/** What is said of a series of figures. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly count: number;
}

/** The value below which `share` (0 to 1) of the figures lie, by linear interpolation; `NaN` for none. */
export function percentile(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  if (below === undefined || above === undefined) return Number.NaN;
  return below + (above - below) * (position - Math.floor(position));
}

/** Median, least, greatest and number of the figures. */
export function summarize(figures: readonly number[]): Summary {
  return {
    median: percentile(figures, 0.5),
    min: percentile(figures, 0),
    max: percentile(figures, 1),
    count: figures.length,
  };
}

/**
 * Gaps between neighbouring moments that are longer than `limit`.
 * @param moments ms, in any order
 */
export function longGaps(moments: readonly number[], limit: number): { count: number; longest: number } {
  const sorted = [...moments].sort((a, b) => a - b);
  const gaps = sorted.slice(1).map((moment, index) => moment - (sorted[index] ?? moment));
  return { count: gaps.filter((gap) => gap > limit).length, longest: gaps.reduce((a, b) => Math.max(a, b), 0) };
}
