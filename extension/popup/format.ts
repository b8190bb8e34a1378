// Numbers and names in words for people.
import { decimal } from "../../protocol/languages.ts";
import { PROFILES, type Profile, type Quality } from "../../protocol/profiles.ts";
import { text, type Words } from "../../protocol/sentence.ts";

/** Names of the qualities, in plain words, and what each is for. */
export const QUALITY_WORDS = {
  ultra_low_latency: { name: "quality.ultra_low_latency", purpose: "quality.ultra_low_latency_for" },
  low_bandwidth: { name: "quality.low_bandwidth", purpose: "quality.low_bandwidth_for" },
  medium: { name: "quality.medium", purpose: "quality.medium_for" },
  high: { name: "quality.high", purpose: "quality.high_for" },
  ultra_high: { name: "quality.ultra_high", purpose: "quality.ultra_high_for" },
  local_high: { name: "quality.local_high", purpose: "quality.local_high_for" },
  local_4k: { name: "quality.local_4k", purpose: "quality.local_4k_for" },
  studio: { name: "quality.studio", purpose: "quality.studio_for" },
  lossless: { name: "quality.lossless", purpose: "quality.lossless_for" },
} as const satisfies Record<Quality, object>;

/** Shown where a value is not known. */
export const UNKNOWN = "–";

/** A bitrate in bit/s as "3 Mbit/s" or "500 kbit/s". */
export function bitrate(bits: number | null): string {
  if (bits === null) return UNKNOWN;
  if (bits >= 999_500) return `${trim(bits / 1_000_000)} Mbit/s`;
  return `${Math.round(bits / 1000)} kbit/s`;
}

function trim(value: number): string {
  return value >= 9.95 ? decimal(value, 0) : decimal(value, 1).replace(/[.,]0$/, "");
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
  if (max_width === null || max_height === null) return text("popup.own_size", { rate: frame_rate });
  return text("popup.up_to", { size: `${max_width}×${max_height}`, rate: frame_rate });
}

/** The bitrate of a quality: "3 Mbit/s", "no cap". */
export function capOf(quality: Quality): string {
  const { video_bitrate }: Profile = PROFILES[quality];
  return video_bitrate === null ? text("popup.no_cap") : bitrate(video_bitrate);
}

/** Number of viewers in words. */
export function viewers(count: number): string {
  return count === 1 ? text("page.viewers_one") : text("page.viewers", { count });
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

/** What is worth saying to a person of how a stream is: not that it is silent, as most pages are. Programs learn that by its status. */
export function worthSaying(reasons: readonly Words[]): Words[] {
  return reasons.filter((reason) => typeof reason === "string" || reason.code !== "health.silent");
}
