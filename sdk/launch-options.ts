// What may be said when a browser is launched, and the switches that it gets. Never starts it.
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { FlyBrowserError } from "../protocol/errors.ts";
import { VIEW_ADDRESS_ALLOWED, viewAddresses } from "../protocol/node/view-addresses.ts";
import { EXTENSION_ID } from "../protocol/version.ts";

const Side = v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(7680));

/** Schema of the options of `FlyBrowser.launch` and `FlyBrowser.launchOptions`. */
export const LaunchOptionsSchema = v.strictObject({
  /** Without a window. Picture and sound are the same. */
  headless: v.optional(v.boolean(), true),
  /** A Chromium or Chrome for Testing; else FLYBROWSER_CHROMIUM, else the first one found. */
  executable_path: v.optional(v.pipe(v.string(), v.minLength(1))),
  /** Further switches for the browser. */
  args: v.optional(v.array(v.string()), []),
  /** px */
  viewport: v.optional(v.strictObject({ width: Side, height: Side }), { width: 1280, height: 720 }),
  /**
   * Viewers on the network can watch as well: an IP address of this machine, or 0.0.0.0 for all of them; else what
   * FLYBROWSER_VIEW_ADDRESS says, else 127.0.0.1 alone. Links then name the address. The control API stays on 127.0.0.1.
   */
  view_address: v.optional(
    v.pipe(
      v.string(),
      v.check((address) => viewAddresses(address) !== null),
    ),
  ),
  /** `false`: the caller sees to SIGINT, SIGTERM and SIGHUP; else they end the browser and then the program. */
  handle_signals: v.optional(v.boolean(), true),
});

/** Options of `FlyBrowser.launch` and `FlyBrowser.launchOptions`. */
export type LaunchOptions = v.InferInput<typeof LaunchOptionsSchema>;
/** The same with the defaults filled in. */
export type ResolvedLaunchOptions = v.InferOutput<typeof LaunchOptionsSchema>;

const ALLOWED: Record<keyof LaunchOptions, string> = {
  headless: "true, false",
  executable_path: "the path of a browser",
  args: "a list of strings",
  viewport: "{ width, height }, each an integer from 16 to 7680 (px)",
  view_address: VIEW_ADDRESS_ALLOWED,
  handle_signals: "true, false",
};

/**
 * Checks launch options and fills in the defaults.
 * @throws FlyBrowserError `invalid_option`, `unknown_option`.
 */
export function parseLaunchOptions(input: unknown = {}): ResolvedLaunchOptions {
  const parsed = v.safeParse(LaunchOptionsSchema, input);
  if (parsed.success) return parsed.output;
  const [at] = parsed.issues[0].path ?? [];
  const option = typeof at?.key === "string" ? at.key : "options";
  const value = JSON.stringify(at ? at.value : input) ?? "undefined";
  if (option in ALLOWED) {
    throw new FlyBrowserError("invalid_option", { option, value, allowed: ALLOWED[option as keyof LaunchOptions] });
  }
  throw new FlyBrowserError("unknown_option", { option, allowed: Object.keys(ALLOWED).join(", ") });
}

/** Switches of the drivers that would spoil a stream: no extension, no sound. */
export const IGNORED_DEFAULTS = ["--disable-extensions", "--mute-audio"];

/** What Chromium must not do behind an automated page: call home, ask, slow down what is not in front. */
const QUIET = [
  "--no-first-run",
  "--no-default-browser-check",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-sync",
  "--disable-breakpad",
  "--disable-domain-reliability",
  "--metrics-recording-only",
  "--password-store=basic",
  "--use-mock-keychain",
  "--disable-features=OptimizationHints,MediaRouter,Translate,CalculateNativeWinOcclusion",
];
const UNTHROTTLED = [
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--disable-background-timer-throttling",
];

/** Height of tabs and toolbar: the window is that much taller than its page. */
const BROWSER_BARS = 87;

/** The switches for a browser that carries the extension from `extension`. */
export function browserSwitches(options: ResolvedLaunchOptions, extension: string, executable: string): string[] {
  const { width, height } = options.viewport;
  return [
    ...QUIET,
    ...UNTHROTTLED,
    `--load-extension=${extension}`,
    // Without it, Chrome allows a capture only after a click on the extension's button.
    `--allowlisted-extension-id=${EXTENSION_ID}`,
    "--autoplay-policy=no-user-gesture-required",
    `--window-size=${width},${height + BROWSER_BARS}`,
    ...(sandboxWorks(executable) ? [] : ["--no-sandbox"]),
    ...options.args,
  ];
}

/**
 * Whether Chromium can put its processes in a sandbox. Root can't; and Ubuntu (23.10 and newer) allows it only to
 * programs that came with a profile of their own, which a downloaded browser has not.
 */
function sandboxWorks(executable: string): boolean {
  if (process.platform !== "linux") return true;
  if (process.getuid?.() === 0) return false;
  try {
    const restricted = readFileSync("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "utf8").trim() === "1";
    return !restricted || /^\/(usr|opt)\//.test(executable);
  } catch {
    return true; // no such restriction in this kernel
  }
}
