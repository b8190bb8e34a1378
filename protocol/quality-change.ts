// What another quality makes of the options of a stream that is live, and what stays as it began.
import { FlyBrowserError } from "./errors.ts";
import type { ResolvedStartStreamOptions } from "./options.ts";
import { PROFILES, type Profile, type Quality } from "./profiles.ts";
import { sentence } from "./sentence.ts";

/**
 * The profile that a stream's keyframes and parts keep to: that of its beginning. Playlists have said how long segments and parts are
 * at most, and may not say otherwise later (RFC 8216bis 4.4.3.1).
 */
export function paceOf({ quality, began_as }: Pick<ResolvedStartStreamOptions, "quality" | "began_as">): Profile {
  return PROFILES[began_as ?? quality];
}

/** Whether a stream goes to an RTMP server: many of them end one whose picture changes its size. */
function goesByRtmp({ rtmp_url, destinations }: ResolvedStartStreamOptions): boolean {
  return rtmp_url !== undefined || destinations.some(({ url }) => /^rtmps?:/i.test(url));
}

/**
 * The options of a stream with another quality. What its caller has named (size, frame rate) stays; `size` (px), which it has now,
 * stays where it goes by RTMP. The same quality gives the same options.
 * @throws FlyBrowserError `unsupported_combination`: into `lossless`, or out of it
 */
export function changedQuality(
  options: ResolvedStartStreamOptions,
  quality: Quality,
  size: { readonly width: number; readonly height: number } | null,
): ResolvedStartStreamOptions {
  const { quality: from, began_as = from } = options;
  if (quality === from) return options;
  if (quality === "lossless" || from === "lossless") {
    throw new FlyBrowserError("unsupported_combination", {
      what: sentence("combination.quality_change", { from, to: quality }),
      reason: sentence("combination.lossless_recorder"),
      instead: sentence("instead.restart_quality", { quality }),
    });
  }
  const { size_held, began_as: _, ...rest } = options;
  if (size_held) {
    delete rest.width;
    delete rest.height;
  }
  const named = rest.width !== undefined || rest.height !== undefined;
  const held = goesByRtmp(options) && !named && size !== null && size.width >= LEAST_SIDE && size.height >= LEAST_SIDE;
  return {
    ...rest,
    quality,
    ...(began_as === quality ? {} : { began_as }),
    ...(held ? { width: size.width, height: size.height, size_held: true } : {}),
  };
}

/** px; less is no size that a stream may have. */
const LEAST_SIDE = 16;
