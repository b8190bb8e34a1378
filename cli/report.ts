// Output of the command: text for people on stderr, results as JSON on stdout.
import { errorInWords, toFlyBrowserError } from "../protocol/errors.ts";
import { printable } from "../protocol/printable.ts";
import { say as inWords } from "../protocol/sentence.ts";
import { suggestion } from "./usage.ts";

const [BOLD, PLAIN] = ["\u001b[1m", "\u001b[0m"];

/** Bold text, where stderr is a terminal. */
export function bold(text: string): string {
  return process.stderr.isTTY ? `${BOLD}${text}${PLAIN}` : text;
}

/** Prints lines for people to stderr. What comes from outside can't act on the terminal, but for being bold. */
export function say(lines = ""): void {
  const shown = lines.split("\n").map(printable).join("\n");
  process.stderr.write(`${shown.replaceAll(printable(BOLD), BOLD).replaceAll(printable(PLAIN), PLAIN)}\n`);
}

/** Prints a result as one JSON line to stdout. */
export function printJson(value: unknown): void {
  // JSON lets some through that act on a terminal; as escapes they mean the same.
  process.stdout.write(`${printable(JSON.stringify(value))}\n`);
}

function wantsStack(): boolean {
  return process.argv.includes("--verbose") || process.env.FLYBROWSER_LOG_LEVEL === "debug";
}

/** The stack of an error and those of its causes, outermost first. */
function chain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const own = error.stack ?? error.message;
  return error.cause === undefined ? own : `${own}\ncaused by: ${chain(error.cause)}`;
}

/** An error whose last line on stdout is there already: the result of the stop. */
export class Reported extends Error {
  override readonly cause: unknown;

  constructor(cause: unknown) {
    super("reported");
    this.cause = cause;
  }
}

/** Prints an error as the last JSON line, as `stopStream` tells that there was nothing to stop. */
export function printFailure(thrown: unknown): void {
  const { code, message } = errorInWords(toFlyBrowserError(thrown));
  printJson({ success: false, error: message, code, fix: mendOf(thrown) });
}

/** An error as the command shows it: what happened, what to do, and the stack if asked for. */
export function errorText(thrown: unknown): string {
  const stack = wantsStack() ? `\n${chain(thrown)}` : "";
  return `✗ ${printable(toFlyBrowserError(thrown).message)}\n  ${printable(mendOf(thrown))}${stack}`;
}

/** What to do about an error. */
function mendOf(thrown: unknown): string {
  const meant = suggestion(thrown);
  return meant === null ? toFlyBrowserError(thrown).fix : inWords(meant);
}

/** bit/s as `1.5 Mbit/s` or `850 kbit/s`. */
export function bitrateText(bits: number | null): string {
  if (bits === null) return "– bit/s";
  return bits >= 1e6 ? `${(bits / 1e6).toFixed(1)} Mbit/s` : `${Math.round(bits / 1e3)} kbit/s`;
}

/** Seconds as `1:02:03`. */
export function timeText(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}

/** Bytes as `12.3 MB`. */
export function sizeText(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(2)} GB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** `1 viewer`, `2 viewers`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
