// How many bits a second a rendition may need, as players are told: what its cap allows, or what was measured, whichever is more.
// A ladder must be in order from the beginning, when a page that stands still has shown little of its source.
import type { Rendition } from "../media/rendition.ts";
import type { Measured } from "./segment-store.ts";

/** Least bandwidth that is told, bit/s: attributes may not be 0, and a page that stands still has next to none. */
const LEAST = 1000;
/** By how much a single second may be above the cap, which is held over any four. */
const ABOVE_CAP = { video: 1.1, audio: 1.1, rung: 1.25 } as const;

/** bit/s of the worst second. `rung`: it is made from another rendition, by an encoder with a short buffer. */
export function peakBandwidth({ type, bitrate }: Rendition, measured: Measured | null, rung = false): number {
  const allowed = (bitrate ?? 0) * ABOVE_CAP[rung ? "rung" : type];
  return Math.max(LEAST, Math.round(allowed), measured?.peak_bitrate ?? 0);
}

/** bit/s over time: the cap, since what comes later may need it; as measured where there is none, or where that is more. */
export function averageBandwidth({ bitrate }: Rendition, measured: Measured | null): number {
  return Math.max(LEAST, measured?.average_bitrate ?? 0, bitrate ?? 0);
}
