// From a place in the picture of a stream to the point of the page that is seen there.

/** A place in the picture: shares of its width and height, and its width by its height. */
export interface PicturePlace {
  readonly x: number;
  readonly y: number;
  readonly aspect: number;
}

/** A size in CSS px. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Share of a side by which shapes may differ from rounding: encoders want even sizes. */
const ROUNDING = 0.01;

/**
 * The point in CSS px, within the page. A picture of another shape than the page has bars, as where a stream was asked for with a width and
 * a height of its own; a place in the bars is that of the page's nearest edge.
 */
export function pagePoint({ x, y, aspect }: PicturePlace, page: Size): { x: number; y: number } {
  const shape = page.width / page.height;
  const [wide, high] = [Math.min(1, shape / aspect), Math.min(1, aspect / shape)];
  return { x: along(x, wide, page.width), y: along(y, high, page.height) };
}

/** `part`: the share of the picture's side that the page takes, in the middle. */
function along(share: number, part: number, length: number): number {
  const inside = 1 - part < ROUNDING ? share : (share - (1 - part) / 2) / part;
  // The edge itself belongs to no pixel.
  return Math.min(Math.max(0, inside * length), length - 0.01);
}
