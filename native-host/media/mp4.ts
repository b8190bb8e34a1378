// Reading ISO BMFF by mux.js' public tools, and the error for what is not what FFmpeg writes.
import inspector from "mux.js/lib/tools/mp4-inspector.js";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { type Sentence, sentence } from "../../protocol/sentence.ts";

/** The error for a byte stream that is no fragmented MP4. */
export function malformed(reason: Sentence, cause?: unknown): FlyBrowserError {
  return new FlyBrowserError("ffmpeg_failed", { reason: sentence("ffmpeg.bad_output", { reason }) }, { cause });
}

/**
 * The payload of the first box at the end of `path`, as a view.
 * @throws FlyBrowserError `ffmpeg_failed` when there is none
 */
export function boxAt(data: Uint8Array, ...path: readonly string[]): Buffer {
  const [found] = inspector.findBox(data, path);
  if (!found) throw malformed(sentence("mp4.missing_box", { type: path.at(-1) ?? "" }));
  return Buffer.from(found.buffer, found.byteOffset, found.byteLength);
}

/** Gives what `read` gives; what it reads beyond the end of a box becomes `ffmpeg_failed`. */
export function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw thrown instanceof RangeError ? malformed(sentence("mp4.short_box"), thrown) : thrown;
  }
}
