// Reading ISO BMFF by mux.js' public tools, and the error for what is not what FFmpeg writes.
import inspector from "mux.js/lib/tools/mp4-inspector.js";
import { FlyBrowserError } from "../../protocol/errors.ts";

/** The error for a byte stream that is no fragmented MP4. */
export function malformed(reason: string, cause?: unknown): FlyBrowserError {
  return new FlyBrowserError(
    "ffmpeg_failed",
    { reason: `its output is not a valid fragmented MP4 (${reason})` },
    { cause },
  );
}

/**
 * The payload of the first box at the end of `path`, as a view.
 * @throws FlyBrowserError `ffmpeg_failed` when there is none
 */
export function boxAt(data: Uint8Array, ...path: readonly string[]): Buffer {
  const [found] = inspector.findBox(data, path);
  if (!found) throw malformed(`there is no ${path.at(-1)} box`);
  return Buffer.from(found.buffer, found.byteOffset, found.byteLength);
}

/** Gives what `read` gives; what it reads beyond the end of a box becomes `ffmpeg_failed`. */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw thrown instanceof RangeError ? malformed("a box is too short", thrown) : thrown;
  }
}
