// Numbers and names in words for people.
import { PROFILES, type Profile, type Quality } from "../../protocol/profiles.ts";

/** Names of the qualities, in plain words. */
export const QUALITY_NAMES: Record<Quality, string> = {
  ultra_low_latency: "Ultra-low latency",
  low_bandwidth: "Low bandwidth",
  medium: "Medium",
  high: "High",
  ultra_high: "Ultra high",
  local_high: "Local, high",
  local_4k: "Local, 4K",
  studio: "Studio",
  lossless: "Lossless",
};

/** Shown where a value is not known. */
export const UNKNOWN = "–";

/** A bitrate in bit/s as "3 Mbit/s" or "500 kbit/s". */
export function bitrate(bits: number | null): string {
  if (bits === null) return UNKNOWN;
  if (bits >= 999_500) return `${trim(bits / 1_000_000)} Mbit/s`;
  return `${Math.round(bits / 1000)} kbit/s`;
}

function trim(value: number): string {
  return value >= 9.95 ? value.toFixed(0) : value.toFixed(1).replace(/\.0$/, "");
}

/** Frames a second, without a decimal. */
export function frameRate(fps: number | null): string {
  return fps === null ? UNKNOWN : `${Math.round(fps)} fps`;
}

/** A duration in seconds as "0:07", "12:05" or "1:02:03". */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3600);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A size in bytes as "740 kB", "12 MB" or "3.4 GB". */
export function fileSize(bytes: number): string {
  if (bytes >= 999_500_000) return `${trim(bytes / 1_000_000_000)} GB`;
  if (bytes >= 999_500) return `${Math.round(bytes / 1_000_000)} MB`;
  return `${Math.round(bytes / 1000)} kB`;
}

/** A file's name without its folders. */
export function fileName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** What a quality gives: "up to 1920×1080, 30 fps". */
export function videoOf(quality: Quality): string {
  const { max_width, max_height, frame_rate }: Profile = PROFILES[quality];
  const box = max_width === null || max_height === null ? "the tab's own size" : `up to ${max_width}×${max_height}`;
  return `${box}, ${frame_rate} fps`;
}

/** The bitrate of a quality: "3 Mbit/s", "no cap". */
export function capOf(quality: Quality): string {
  const { video_bitrate }: Profile = PROFILES[quality];
  return video_bitrate === null ? "no cap" : bitrate(video_bitrate);
}

/** Number of viewers in words. */
export function viewers(count: number): string {
  return count === 1 ? "1 viewer" : `${count} viewers`;
}

/** An error's advice, cut into text and the commands (between backticks) that a reader may copy. */
export function splitAdvice(fix: string): { readonly text: string; readonly command: boolean }[] {
  return fix
    .split("`")
    .map((text, index) => ({ text, command: index % 2 === 1 }))
    .filter(({ text }) => text !== "");
}

/** The part of an address that a person recognises. */
export function siteOf(address: string): string {
  try {
    const url = new URL(address);
    return url.host || url.protocol.replace(":", "");
  } catch {
    return "";
  }
}
