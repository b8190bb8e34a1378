// Chrome's error sentences, translated into the codes of the one table.
import { FlyBrowserError } from "../../protocol/errors.ts";
import { say, sentence, type Words } from "../../protocol/sentence.ts";

const NOT_INSTALLED = [
  /native messaging host not found/i,
  /native messaging host is forbidden/i,
  /failed to start native messaging host/i,
];

function text(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** Chrome says no more where the interpreter of the launcher is missing, or its host ends at once. */
const EXITED = /native host has exited/i;

/**
 * Translates why the native port closed: `host_not_installed`, `host_cannot_start`, or `host_lost` with the reason.
 * `greeted`: the host had answered.
 */
export function hostError(reason: Words, greeted: boolean): FlyBrowserError {
  const said = say(reason);
  if (NOT_INSTALLED.some((pattern) => pattern.test(said))) {
    return new FlyBrowserError("host_not_installed", {}, { cause: new Error(said) });
  }
  if (!greeted && EXITED.test(said)) return new FlyBrowserError("host_cannot_start", {}, { cause: new Error(said) });
  return new FlyBrowserError("host_lost", { reason });
}

/** Whether `tabCapture.getMediaStreamId` has refused since another capture of the tab goes on, or is ending. */
export function isHeld(thrown: unknown): boolean {
  return /active stream/i.test(text(thrown));
}

/** Translates what `tabCapture.getMediaStreamId` threw: `tab_not_invoked`, `tab_not_capturable`, `capture_failed`. */
export function captureError(thrown: unknown): FlyBrowserError {
  if (thrown instanceof FlyBrowserError) return thrown;
  const said = text(thrown);
  const options = { cause: thrown };
  if (/has not been invoked/i.test(said)) return new FlyBrowserError("tab_not_invoked", {}, options);
  if (/pages cannot be captured/i.test(said)) {
    return new FlyBrowserError("tab_not_capturable", { reason: sentence("capture.chrome_pages") }, options);
  }
  if (isHeld(thrown)) {
    return new FlyBrowserError("capture_failed", { reason: sentence("capture.other_capture") }, options);
  }
  return new FlyBrowserError("capture_failed", { reason: said }, options);
}
