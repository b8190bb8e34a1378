// How a stream joins a tab that is recorded already: a tab is encoded once, as whoever came first has asked.
// Never changes an encoding that runs.
import { FlyBrowserError } from "../../protocol/errors.ts";
import {
  parseStartRecordingOptions,
  parseStartStreamOptions,
  type ResolvedStartStreamOptions,
} from "../../protocol/options.ts";
import type { Quality } from "../../protocol/profiles.ts";

/** What the encoding depends on. */
const ENCODING = ["quality", "codec", "width", "height", "frame_rate", "audio"] as const;

/**
 * The options of a stream of a tab that is encoded as `running` says: what the caller leaves out (`input` is what was given,
 * `asked` the same with defaults) is as it runs.
 * @throws FlyBrowserError `unsupported_combination` for what was asked for and is another
 */
export function joinOptions(
  running: ResolvedStartStreamOptions,
  asked: ResolvedStartStreamOptions,
  input: unknown,
): ResolvedStartStreamOptions {
  const given = (input ?? {}) as Readonly<Record<string, unknown>>;
  const other = ENCODING.find((name) => given[name] !== undefined && asked[name] !== running[name]);
  if (other !== undefined) {
    const now = running[other] === undefined ? "the tab's own" : String(running[other]);
    throw new FlyBrowserError("unsupported_combination", {
      what: `${other} ${String(asked[other])} for a tab that is being recorded`,
      reason: `a tab is encoded once, and this one is with ${other} ${now}`,
      instead: `Leave out ${other}, or stop the recording first.`,
    });
  }
  const { protocol, rtmp_url, rtmp_key } = asked;
  return {
    ...encodingOf(running),
    protocol,
    ...(rtmp_url === undefined ? {} : { rtmp_url }),
    ...(rtmp_key === undefined ? {} : { rtmp_key }),
  };
}

/** Options without where the stream goes: what is left of them when nobody sees it any more. */
export function encodingOf(options: ResolvedStartStreamOptions): ResolvedStartStreamOptions {
  const { rtmp_url: _, rtmp_key: _k, ...encoding } = options;
  return { ...encoding, protocol: "hls" };
}

/**
 * How a tab is encoded for a recording alone.
 * @throws FlyBrowserError `invalid_option`, `unknown_option`
 */
export function recordingEncoding(input: unknown, quality: Quality | undefined): ResolvedStartStreamOptions {
  const { format } = parseStartRecordingOptions(input);
  const codec = format === "webm" ? "vp9" : "h264";
  return parseStartStreamOptions({ codec, ...(quality === undefined ? {} : { quality }) });
}
