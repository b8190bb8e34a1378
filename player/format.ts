// Numbers as people read them. A value that isn't known is a dash, not a zero.
import { decimal } from "../protocol/languages.ts";

/** Stands for a value that isn't known. */
export const UNKNOWN = "–";

const known = (value: number | null | undefined): value is number =>
  typeof value === "number" && Number.isFinite(value);

/** Seconds as `0:07`, `12:34` or `1:02:03`. */
export function formatDuration(seconds: number | null): string {
  if (!known(seconds)) return UNKNOWN;
  const whole = Math.max(0, Math.floor(seconds));
  const s = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  return minutes < 60 ? `${minutes}:${s}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${s}`;
}

/** Milliseconds as `840 ms`, from a second on as `1.2 s`. */
export function formatLatency(ms: number | null): string {
  if (!known(ms)) return UNKNOWN;
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  return ms < 100_000 ? `${decimal(ms / 1000, 1)} s` : `${Math.round(ms / 1000)} s`;
}

/** bit/s as `850 kbit/s` or `2.9 Mbit/s`. */
export function formatBitrate(bits: number | null): string {
  if (!known(bits)) return UNKNOWN;
  if (bits < 999_500) return `${Math.round(bits / 1000)} kbit/s`;
  return `${decimal(bits / 1e6, bits < 99.95e6 ? 1 : 0)} Mbit/s`;
}

/** `30 fps`, `29.9 fps`. */
export function formatFrameRate(fps: number | null): string {
  if (!known(fps)) return UNKNOWN;
  return `${decimal(fps, Number.isInteger(Number(fps.toFixed(1))) ? 0 : 1)} fps`;
}

/** Seconds with one decimal: `1.2 s`. */
export function formatSeconds(seconds: number | null): string {
  return known(seconds) ? `${decimal(seconds, 1)} s` : UNKNOWN;
}

/** `1280×720`. */
export function formatSize(width: number | null, height: number | null): string {
  return known(width) && known(height) && width > 0 && height > 0 ? `${width}×${height}` : UNKNOWN;
}

/** A whole number with separators. */
export function formatCount(count: number | null): string {
  return known(count) ? decimal(Math.round(count), 0, true) : UNKNOWN;
}

/** `ms` since 1970 as a time of day with hours and minutes, in the viewer's own format. */
export function formatTime(ms: number | null, locale?: string): string {
  if (!known(ms)) return UNKNOWN;
  return new Intl.DateTimeFormat(locale, { hour: "numeric", minute: "2-digit" }).format(ms);
}
