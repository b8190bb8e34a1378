// How the command speaks to people: on stderr, an error as a sentence and what to do. Never writes to stdout,
// which belongs to results.
import { CommanderError } from "commander";
import { type FlyBrowserError, toFlyBrowserError } from "../protocol/errors.ts";

/** Writes a line for people. */
export function say(line = ""): void {
  process.stderr.write(`${line}\n`);
}

/** Writes a result as one JSON line to stdout. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

function wantsStack(): boolean {
  return process.argv.includes("--verbose") || process.env.FLYBROWSER_LOG_LEVEL === "debug";
}

/** Every cause of an error, the outermost first. */
function chain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by: ${chain(error.cause)}`;
}

/** An error in the form that the command shows: what happened, what to do, the stack only when asked for. */
export function errorText(thrown: unknown): string {
  if (thrown instanceof CommanderError) {
    return `✗ ${thrown.message.replace(/^error: /, "")}\n  See \`flybrowser --help\`.`;
  }
  const error: FlyBrowserError = toFlyBrowserError(thrown);
  const stack = wantsStack() ? `\n${chain(thrown)}` : "";
  return `✗ ${error.message}\n  ${error.fix}${stack}`;
}

/** Bytes per second and the like, for people: 1.5 Mbit/s. */
export function bitrateText(bits: number | null): string {
  if (bits === null) return "– bit/s";
  return bits >= 1e6 ? `${(bits / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bits / 1e3)} kbit/s`;
}

/** A time for people: 1:02:03. */
export function timeText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

/** A size for people: 12.3 MB. */
export function sizeText(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
