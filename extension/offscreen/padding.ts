// Chrome captures in even sides. Where the tab's shape doesn't come out in them, it fills two columns at the right or two rows at
// the bottom with black: this finds them, and cuts them off, without a copy.
import type { Size } from "./size-gate.ts";

/** px that Chrome fills up with; more than that is the page's own, or bars that were asked for. */
const PADDED = 2;
/** Luma of what Chrome fills up with, at most; and of what can't be taken for it, at least (limited range). */
const BLACK = 17;
const SHOWN = 30;
/** ms between two looks at a side of which is known whether it is padded, and at one that is black further in, too. */
const LOOK_EVERY = { known: 5_000, unknown: 250 } as const;

/** Which sides may be cut off: one whose length was asked for may not. */
export interface Cuttable {
  readonly right: boolean;
  readonly bottom: boolean;
}

/**
 * Whether a strip of four pixels across, along an edge of the picture, ends in padding; `null`: it can't be told, since the page is black there.
 * `luma` has the strip by rows, `outer` says which of its pixels are the two at the edge.
 */
export function isPadded(luma: Uint8Array, outer: (index: number) => boolean): boolean | null {
  let shown = false;
  for (const [index, level] of luma.entries()) {
    if (outer(index)) {
      if (level > BLACK) return false;
    } else shown ||= level >= SHOWN;
  }
  return shown ? true : null;
}

/** Finds the padding of the frames of one track. Times in ms of any one clock. */
export class Padding {
  readonly #cuttable: Cuttable;
  #size: Size = { width: 0, height: 0 };
  #right: boolean | null = null;
  #bottom: boolean | null = null;
  #looked = Number.NEGATIVE_INFINITY;

  constructor(cuttable: Cuttable) {
    this.#cuttable = cuttable;
  }

  /** The frame without its padding; closes the one that it was given, if it gives another. */
  async without(frame: VideoFrame, now: number): Promise<VideoFrame> {
    const { width, height } = { width: frame.codedWidth, height: frame.codedHeight };
    if (width !== this.#size.width || height !== this.#size.height) {
      this.#size = { width, height };
      [this.#right, this.#bottom] = [null, null];
      this.#looked = Number.NEGATIVE_INFINITY;
    }
    const known = (!this.#cuttable.right || this.#right !== null) && (!this.#cuttable.bottom || this.#bottom !== null);
    if (now - this.#looked >= (known ? LOOK_EVERY.known : LOOK_EVERY.unknown)) {
      this.#looked = now;
      await this.#look(frame).catch(() => {}); // where its pixels can't be read it stays as it is
    }
    const visibleRect = {
      x: 0,
      y: 0,
      width: width - (this.#right ? PADDED : 0),
      height: height - (this.#bottom ? PADDED : 0),
    };
    if (visibleRect.width === width && visibleRect.height === height) return frame;
    const cut = new VideoFrame(frame, {
      visibleRect,
      displayWidth: visibleRect.width,
      displayHeight: visibleRect.height,
    });
    frame.close();
    return cut;
  }

  async #look(frame: VideoFrame): Promise<void> {
    const { width, height } = this.#size;
    if ((frame.format !== "I420" && frame.format !== "NV12") || width % 2 !== 0 || height % 2 !== 0) return;
    if (Math.min(width, height) < 4 * PADDED) return;
    const [across, down] = [2 * PADDED, 2 * PADDED];
    if (this.#cuttable.right) {
      const luma = await lumaOf(frame, { x: width - across, y: 0, width: across, height });
      this.#right = isPadded(luma, (index) => index % across >= across - PADDED) ?? this.#right;
    }
    if (this.#cuttable.bottom) {
      const luma = await lumaOf(frame, { x: 0, y: height - down, width, height: down });
      this.#bottom = isPadded(luma, (index) => index >= width * (down - PADDED)) ?? this.#bottom;
    }
  }
}

/** Y of a piece of a frame of I420 or NV12, by rows. */
async function lumaOf(frame: VideoFrame, rect: { x: number; y: number; width: number; height: number }) {
  const data = new Uint8Array(frame.allocationSize({ rect }));
  const [plane] = await frame.copyTo(data, { rect });
  if (!plane || plane.stride !== rect.width) throw new RangeError("luma isn't packed");
  return data.subarray(plane.offset, plane.offset + rect.width * rect.height);
}
