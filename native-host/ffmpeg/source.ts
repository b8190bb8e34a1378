// Remembers which FFmpeg was found, and looks again while there is none: it may be installed meanwhile.
import { toFlyBrowserError } from "../../protocol/errors.ts";
import { partLogger } from "../logging.ts";
import { type FfmpegBinary, locateFfmpeg } from "./locate.ts";

const log = partLogger("ffmpeg");

/** Gives the FFmpeg to use. */
export class FfmpegSource {
  #looking: Promise<FfmpegBinary> | null = null;

  /** Begins to look, for whoever asks later. */
  prepare(): void {
    this.get().catch(() => {}); // logged there; whoever asks gets the error
  }

  /**
   * The FFmpeg to use.
   * @throws FlyBrowserError `ffmpeg_not_found`
   */
  get(): Promise<FfmpegBinary> {
    this.#looking ??= locateFfmpeg().then(
      (binary) => {
        log.info("FFmpeg {version} at {path}", { ...binary });
        return binary;
      },
      (thrown) => {
        this.#looking = null;
        log.error("{reason}", { reason: toFlyBrowserError(thrown).message });
        throw thrown;
      },
    );
    return this.#looking;
  }
}
