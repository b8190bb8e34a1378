// Turns the flags of `flybrowser stream` into options. Those of the stream are checked by protocol/options.ts.
import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { FlyBrowserError } from "../protocol/errors.ts";
import {
  parseStartRecordingOptions,
  parseStartStreamOptions,
  type StartRecordingOptions,
  type StartStreamOptions,
} from "../protocol/options.ts";
import { sentence, type Words } from "../protocol/sentence.ts";
import { type LaunchOptions, parseLaunchOptions } from "../sdk/launch-options.ts";
import { assertNoKeyNeeded, destinationOf, withPages } from "./destination-flags.ts";

/** The flags as commander gives them. */
export interface StreamFlags {
  readonly protocol?: string;
  readonly quality?: string;
  readonly codec?: string;
  readonly width?: string;
  readonly height?: string;
  readonly frameRate?: string;
  readonly rtmpUrl?: string;
  readonly to?: readonly string[];
  readonly watchUrl?: readonly string[];
  readonly audio: boolean;
  readonly mutedTab?: string;
  readonly renditions?: string;
  readonly follow?: string;
  readonly record?: string;
  readonly recordFrameRate?: string;
  readonly duration?: string;
  readonly headed?: boolean;
  readonly json?: boolean;
  readonly trace?: boolean;
  readonly executablePath?: string;
  readonly share?: string;
  readonly viewAddress?: string;
  readonly verbose?: boolean;
}

/** Names of options of `FlyBrowser.launch` as flags of the command. */
const LAUNCH_FLAGS = { view_address: "--view-address", executable_path: "--executable-path" };

/** A number if it looks like one; anything else is left for the error message to quote. */
function numeric(text: string): number | string {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/**
 * The options of startStream.
 * @throws FlyBrowserError `invalid_option` as startStream does.
 */
export function streamOptions(flags: StreamFlags, env: NodeJS.ProcessEnv = process.env): StartStreamOptions {
  const given: Record<string, unknown> = {
    protocol: flags.protocol,
    quality: flags.quality,
    codec: flags.codec,
    width: flags.width === undefined ? undefined : numeric(flags.width),
    height: flags.height === undefined ? undefined : numeric(flags.height),
    frame_rate: flags.frameRate === undefined ? undefined : numeric(flags.frameRate),
    rtmp_url: flags.rtmpUrl,
    rtmp_key: flags.rtmpUrl === undefined ? undefined : env.RTMP_STREAM_KEY || undefined,
    audio: flags.audio,
    muted_tab: flags.mutedTab,
    destinations: withPages(
      flags.to?.map((each) => destinationOf(each, env)),
      flags.watchUrl,
    ),
    share: flags.share,
    renditions: flags.renditions,
    follow: flags.follow,
  };
  const options = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return asFlags(() => {
    parseStartStreamOptions(options);
    if (flags.rtmpUrl !== undefined && given.rtmp_key === undefined)
      assertNoKeyNeeded(flags.rtmpUrl, "RTMP_STREAM_KEY");
    return options;
  });
}

/**
 * The options of `FlyBrowser.launch`.
 * @throws FlyBrowserError `invalid_option`
 */
export function launchOptions(flags: StreamFlags): LaunchOptions {
  const options = {
    headless: !flags.headed,
    handle_signals: false,
    ...(flags.executablePath === undefined ? {} : { executable_path: flags.executablePath }),
    ...(flags.viewAddress === undefined ? {} : { view_address: flags.viewAddress }),
  };
  return asFlags(() => {
    parseLaunchOptions(options);
    return options;
  }, LAUNCH_FLAGS);
}

/**
 * The options of startRecording; `null`: don't record.
 * @throws FlyBrowserError `invalid_option`; `recording_path_unusable`: there is such a file already, or no such folder.
 */
export function recordingOptions(flags: StreamFlags): StartRecordingOptions | null {
  const { record, recordFrameRate } = flags;
  if (record === undefined) {
    if (recordFrameRate === undefined) return null;
    const allowed = sentence("allowed.with_record");
    const value = JSON.stringify(recordFrameRate);
    throw new FlyBrowserError("invalid_option", { option: "--record-frame-rate", value, allowed });
  }
  if (existsSync(record)) {
    const reason = sentence("recording.file_there");
    throw new FlyBrowserError("recording_path_unusable", { path: resolve(record), reason });
  }
  if (/\.(mp4|webm)$/i.test(record) && !existsSync(dirname(resolve(record)))) {
    const reason = sentence("recording.no_folder");
    throw new FlyBrowserError("recording_path_unusable", { path: resolve(record), reason });
  }
  const frame_rate = recordFrameRate === undefined ? {} : { frame_rate: numeric(recordFrameRate) };
  const names = { path: "--record", frame_rate: "--record-frame-rate" };
  return asFlags(() => parseStartRecordingOptions({ path: record, ...frame_rate }), names);
}

/**
 * How long to stream, ms; `null`: until stopped.
 * @throws FlyBrowserError `invalid_option`.
 */
export function streamDuration(flags: StreamFlags): number | null {
  if (flags.duration === undefined) return null;
  const seconds = Number(flags.duration);
  if (seconds > 0 && seconds <= 2_000_000) return seconds * 1000;
  const allowed = sentence("allowed.duration");
  throw new FlyBrowserError("invalid_option", { option: "--duration", value: JSON.stringify(flags.duration), allowed });
}

/**
 * The result of `parse`, its errors naming flags instead of options.
 * @throws FlyBrowserError as `parse`
 */
export function asFlags<T>(parse: () => T, names: Readonly<Record<string, string>> = {}): T {
  try {
    return parse();
  } catch (thrown) {
    if (!(thrown instanceof FlyBrowserError) || thrown.code !== "invalid_option") throw thrown;
    const { option, value = "", allowed = "" } = thrown.details;
    const name = String(option);
    // Which of several it is, counted as people do.
    const [, place] = /^destinations\[(\d+)\]/.exec(name) ?? [];
    if (place !== undefined) {
      throw new FlyBrowserError(
        "invalid_option",
        { option: `--to (${Number(place) + 1})`, value, allowed },
        { cause: thrown },
      );
    }
    if (/^[A-Z_]+$/.test(name)) throw thrown; // a variable
    const flag = names[name] ?? (name === "rtmp_key" ? "RTMP_STREAM_KEY" : `--${name.replaceAll("_", "-")}`);
    throw new FlyBrowserError("invalid_option", { option: flag, value, allowed }, { cause: thrown });
  }
}

/** What nobody would type for the name of a site: a path, or the name of a file. */
const LIKE_A_FILE = /^([/~\\]|\.{1,2}[/\\]|[a-z]:[/\\])|^[^/?#]*\.(html?|xhtml|svg|pdf|png|jpe?g|gif|webp|mp4|webm)$/i;

/** Schemes of pages that Chromium shows. */
const PAGE_SCHEMES = ["https", "http", "file", "about", "data", "blob", "view-source", "chrome"];

/**
 * The URL for what people type: with or without https://, or a file.
 * @throws FlyBrowserError `page_not_reachable`: it is the path of a file that isn't there, or no page can have that address.
 */
export function pageAddress(text: string): string {
  const unusable = (reason: Words) => new FlyBrowserError("page_not_reachable", { url: text, reason });
  const [, scheme, behind = ""] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? [];
  if (scheme !== undefined) {
    if (!PAGE_SCHEMES.includes(scheme.toLowerCase())) throw unusable(sentence("program.no_page_scheme", { scheme }));
    if (behind === "" || !URL.canParse(text)) throw unusable(sentence("program.no_address"));
    if (/^file$/i.test(scheme) && !existsSync(new URL(text))) throw unusable(sentence("program.no_file"));
    return text;
  }
  if (/^(about|data|blob|view-source):/i.test(text)) return text;
  const [, web, rest = ""] = /^(https?):\/?([^/].*)$/is.exec(text) ?? [];
  if (web !== undefined && !/^\d+(\/|$)/.test(rest))
    throw unusable(sentence("program.slashes", { address: `${web}://${rest}` }));
  if (existsSync(text)) return pathToFileURL(resolve(text)).href;
  if (LIKE_A_FILE.test(text)) throw unusable(sentence("program.no_file"));
  const local = /^(localhost|127\.|\[::1\]|0\.0\.0\.0)/i.test(text);
  const address = `${local ? "http" : "https"}://${text}`;
  if (!URL.canParse(address)) throw unusable(sentence("program.no_address"));
  return address;
}
