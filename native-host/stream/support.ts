// What this host can do of what may be asked. Refuses the rest with what works instead; never guesses.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";

const WORKS = "Use protocol hls or dash with codec h264; that works now.";

/** @throws FlyBrowserError `unsupported_combination` naming what works */
export function assertSupported({ protocol, codec }: ResolvedStartStreamOptions): void {
  if ((protocol === "hls" || protocol === "dash") && codec === "h264") return;
  throw new FlyBrowserError("unsupported_combination", {
    what: `Protocol ${protocol} with codec ${codec}`,
    reason: "this version makes HLS and DASH with H.264 only",
    instead: WORKS,
  });
}
