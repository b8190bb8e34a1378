// The size that a tab is captured in: what Chrome is asked for, and what may be cut off of what it gives.
import type { CaptureRequest } from "../../protocol/extension-messages.ts";
import type { Cuttable } from "./padding.ts";
import type { Size } from "./size-gate.ts";

/** Largest sides that are asked for where the request names none, px. Of a box that is nearly square Chrome makes a square. */
const LARGEST = { width: 7680, height: 4320 } as const;
/** With a lower bound that differs from the upper one Chrome gives the tab's own shape, even sides, and never
 *  scales up; without one it fills the whole box, with bars. px */
const SMALLEST = 16;
/** Chrome's older form of constraints, the only one that knows tabs. */
export interface TabConstraints {
  readonly mandatory: Readonly<Record<string, string | number>>;
}

/** A headless browser's screen. */
export interface HeadlessScreen extends Size {
  /** px of a capture in one of its px. */
  readonly pixel_ratio: number;
}

/** Headless Chromium's screen where nobody has set one: it says nothing of the tab's shape. px */
const UNSET = { width: 800, height: 600 } as const;

/** The screen where it is a headless browser's and made for it; `null`: it is a real one, or nobody has set it. */
export function headlessScreen(): HeadlessScreen | null {
  const { width, height } = screen;
  if (!/\bHeadlessChrome\//.test(navigator.userAgent)) return null;
  if (width === UNSET.width && height === UNSET.height) return null;
  return { width, height, pixel_ratio: devicePixelRatio };
}

/**
 * The largest box in the shape of `screen` that fits into `box`. A page that goes fullscreen while it is captured is laid out in the
 * screen, in the shape of the box; in a headless browser what doesn't fit into that is missing. Where the exact shape would cost more than a
 * tenth of what is needed, it is a px off. A box that is smaller than the screen stays as it is: its shape wouldn't help.
 */
export function boxOfShape(box: Size, screen: HeadlessScreen): Size {
  if (box.width < screen.width || box.height < screen.height) return box;
  const divisor = greatestDivisor(screen.width, screen.height);
  const unit = { width: screen.width / divisor, height: screen.height / divisor };
  const times = Math.floor(Math.min(box.width / unit.width, box.height / unit.height));
  const scale = Math.min(box.width / screen.width, box.height / screen.height);
  const needed = Math.min(screen.pixel_ratio, scale * 0.9);
  if (times / divisor >= needed) return { width: times * unit.width, height: times * unit.height };
  return { width: Math.round(screen.width * scale), height: Math.round(screen.height * scale) };
}

function greatestDivisor(a: number, b: number): number {
  return b === 0 ? Math.max(1, a) : greatestDivisor(b, a % b);
}

/** The constraints of the video for a request. `screen` of {@link headlessScreen}. */
export function videoConstraints(request: CaptureRequest, screen: HeadlessScreen | null): TabConstraints {
  const { width, height, exact, frame_rate } = request;
  const whole = { width: width ?? LARGEST.width, height: height ?? LARGEST.height };
  const named = exact || (width === null) !== (height === null);
  const box = screen && !named ? boxOfShape(whole, screen) : whole;
  return {
    mandatory: {
      chromeMediaSource: "tab",
      chromeMediaSourceId: request.media_stream_id,
      minWidth: exact && width !== null ? width : SMALLEST,
      minHeight: exact && height !== null ? height : SMALLEST,
      maxWidth: box.width,
      maxHeight: box.height,
      // No lower bound: Chrome would give the same picture again and again, which costs a tenth of a core (steady-video.ts).
      maxFrameRate: frame_rate,
    },
  };
}

/** Of a size that was asked for bars are part, and a side that was asked for keeps its length. */
export function cuttable({ width, height, exact }: CaptureRequest): Cuttable {
  if (exact) return { right: false, bottom: false };
  return { right: width === null || height !== null, bottom: height === null || width !== null };
}
