// Options of `FlyBrowser.launch` and `attach`, and the command line switches of the browser.
import { readFileSync } from "node:fs";
import * as v from "valibot";
import { FlyBrowserError } from "../protocol/errors.ts";
import { viewAddresses } from "../protocol/node/view-addresses.ts";
import { sentence, type Words } from "../protocol/sentence.ts";
import { EXTENSION_ID } from "../protocol/version.ts";

const Side = v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(7680));

/** Schema of the options of `FlyBrowser.launch` and `FlyBrowser.launchOptions`. */
export const LaunchOptionsSchema = v.strictObject({
  /** Without a window; video and audio are the same. */
  headless: v.optional(v.boolean(), true),
  /** Chromium or Chrome for Testing. Default: FLYBROWSER_CHROMIUM, else the first one found. */
  executable_path: v.optional(v.pipe(v.string(), v.minLength(1))),
  /** More switches for the browser. */
  args: v.optional(v.array(v.string()), []),
  /** CSS px. `device_scale_factor`: px of the screen, and of the picture, in one of them; 1 if left out. */
  viewport: v.optional(
    v.strictObject({
      width: Side,
      height: Side,
      device_scale_factor: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(4))),
    }),
    { width: 1280, height: 720 },
  ),
  /**
   * Lets viewers on the network watch: an IP address of this machine, which links then contain, or 0.0.0.0 for all of them.
   * Default: FLYBROWSER_VIEW_ADDRESS, else 127.0.0.1 only. The control API stays on 127.0.0.1.
   */
  view_address: v.optional(
    v.pipe(
      v.string(),
      v.check((address) => viewAddresses(address) !== null),
    ),
  ),
  /** Whether SIGINT, SIGTERM and SIGHUP close the browser and end the program; `false`: the caller handles them. */
  handle_signals: v.optional(v.boolean(), true),
});

/** Options of `FlyBrowser.launch` and `FlyBrowser.launchOptions`. */
export type LaunchOptions = v.InferInput<typeof LaunchOptionsSchema>;
/** {@link LaunchOptions} with the defaults filled in. */
export type ResolvedLaunchOptions = v.InferOutput<typeof LaunchOptionsSchema>;

const ALLOWED: Record<keyof LaunchOptions, Words> = {
  headless: "true, false",
  executable_path: sentence("allowed.browser_path"),
  args: sentence("allowed.strings"),
  viewport: sentence("allowed.viewport"),
  view_address: sentence("allowed.host_address"),
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
  const value = JSON.stringify(at ? at.value : input) ?? sentence("value.left_out");
  if (option in ALLOWED) {
    throw new FlyBrowserError("invalid_option", { option, value, allowed: ALLOWED[option as keyof LaunchOptions] });
  }
  throw new FlyBrowserError("unknown_option", { option, allowed: Object.keys(ALLOWED).join(", ") });
}

const ATTACH_OPTIONS: Readonly<Record<string, [type: string, allowed: string]>> = {
  agent: ["function", "a function (instruction, page, context)"],
  show_actions: ["boolean", "true, false"],
};

/** Checks the names of the options of `launch`, which takes those of `attach`, too. @throws FlyBrowserError `unknown_option` */
export function assertLaunchNames(options: object): void {
  const known = Object.keys({ ...ALLOWED, ...ATTACH_OPTIONS });
  const option = Object.keys(options).find((name) => !known.includes(name));
  if (option !== undefined) throw new FlyBrowserError("unknown_option", { option, allowed: known.join(", ") });
}

/** Checks what is to be attached: people give the browser or its context instead. @throws FlyBrowserError `invalid_option` */
export function assertPage(page: unknown): void {
  const { createCDPSession, context, isClosed } = Object(page) as Readonly<Record<string, unknown>>;
  if (typeof isClosed === "function" && [createCDPSession, context].some((each) => typeof each === "function")) return;
  const name = (page as object | null | undefined)?.constructor?.name;
  const value = page === undefined ? sentence("value.left_out") : (name ?? String(page));
  throw new FlyBrowserError("invalid_option", { option: "page", value, allowed: sentence("allowed.page") });
}

/**
 * Checks the options of `attach`, which hold functions and so have no schema.
 * @throws FlyBrowserError `invalid_option`, `unknown_option`.
 */
export function assertAttachOptions(options: object): void {
  const known = ATTACH_OPTIONS;
  for (const [option, value] of Object.entries(options)) {
    const [type, allowed] = known[option] ?? [];
    if (!allowed) throw new FlyBrowserError("unknown_option", { option, allowed: Object.keys(known).join(", ") });
    if (value === undefined || typeof value === type) continue;
    throw new FlyBrowserError("invalid_option", { option, value: JSON.stringify(value) ?? typeof value, allowed });
  }
}

/** Default switches of Puppeteer and Playwright that rule out extensions and sound. */
export const IGNORED_DEFAULTS = ["--disable-extensions", "--mute-audio"];

/** No first-run pages, no background traffic, no prompts. */
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
/** Pages in the background run at full speed. */
const UNTHROTTLED = [
  "--disable-backgrounding-occluded-windows",
  "--disable-renderer-backgrounding",
  "--disable-background-timer-throttling",
];

/** px of tab strip and toolbar, by which the window is taller than its page. */
const BROWSER_BARS = 87;

/** The switches of a browser with the extension in the folder `extension`. */
export function browserSwitches(options: ResolvedLaunchOptions, extension: string, executable: string): string[] {
  const { width, height, device_scale_factor = 1 } = options.viewport;
  // A captured page's fullscreen is as large as the screen, and that of headless Chromium is 800×600 by itself.
  const screen = `${Math.round(width * device_scale_factor)}x${Math.round(height * device_scale_factor)}`;
  return [
    ...QUIET,
    ...UNTHROTTLED,
    `--load-extension=${extension}`,
    // Otherwise Chrome allows a capture only after a click on the extension's button.
    `--allowlisted-extension-id=${EXTENSION_ID}`,
    "--autoplay-policy=no-user-gesture-required",
    `--window-size=${width},${height + BROWSER_BARS}`,
    ...(options.headless ? [`--screen-info={${screen}}`] : []),
    // What DevTools emulates alone is captured in CSS px.
    ...(device_scale_factor === 1 ? [] : [`--force-device-scale-factor=${device_scale_factor}`]),
    ...(sandboxWorks(executable) ? [] : ["--no-sandbox"]),
    ...options.args,
  ];
}

/**
 * Whether Chromium can sandbox its processes. As root it can't, and Ubuntu 23.10 and newer allow it only to programs with an
 * AppArmor profile, which a downloaded browser doesn't have.
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
