// Whether this host can do what is asked, before anything is captured. Refuses the rest with what works instead; never guesses.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import { PROFILES } from "../../protocol/profiles.ts";
import type { EncoderChoice } from "./video-maker.ts";

const NAMES = { h264: "H.264", h265: "H.265", vp9: "VP9" } as const;
const LIBRARIES = { h264: "libx264", h265: "libx265", vp9: "libvpx-vp9" } as const;

/** Whether the host must encode whatever the tab's size is: the browser's recorder has no H.265, and no lossless H.264. */
export function mustEncode({ codec, quality }: ResolvedStartStreamOptions): boolean {
  return codec === "h265" || (codec === "h264" && PROFILES[quality].video_bitrate === null);
}

/**
 * Fails where an encoder is needed and none works.
 * @throws FlyBrowserError `unsupported_combination` naming what works; `ffmpeg_failed`
 */
export async function assertSupported(options: ResolvedStartStreamOptions, encoders: EncoderChoice): Promise<void> {
  const { protocol, codec, quality } = options;
  if (!mustEncode(options) || (await encoders.choose(codec))) return;
  const why = encoders.known(codec).map(({ encoder, reason }) => `${encoder}: ${reason}`);
  const lossless = codec === "h264" ? "quality high, or codec vp9, which need no encoder" : "codec h264";
  throw new FlyBrowserError("unsupported_combination", {
    what: `Protocol ${protocol} with codec ${codec}, quality ${quality}`,
    reason: `no ${NAMES[codec]} encoder of this FFmpeg works (${why.join("; ") || "it has none"})`,
    instead: `Use ${lossless}, or an FFmpeg with ${LIBRARIES[codec]}.`,
  });
}
