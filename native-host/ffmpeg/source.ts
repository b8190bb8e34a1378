// Remembers which FFmpeg was found, and looks again while there is none: it may be installed meanwhile.
import * as v from "valibot";
import { toFlyBrowserError } from "../../protocol/errors.ts";
import { partLogger } from "../logging.ts";
import { BinaryStore, binaryKey } from "./capabilities.ts";
import { type FfmpegBinary, firstPlace, locateFfmpeg } from "./locate.ts";

const log = partLogger("ffmpeg");

/** What is kept on the disk of a binary that was found, beside its path, size and mtime, by which it is found again. */
const KeptSchema = v.object({ schema: v.literal(1), version: v.string() });

/** Gives the FFmpeg to use. */
export class FfmpegSource {
  readonly #store: BinaryStore;
  #looking: Promise<FfmpegBinary> | null = null;

  constructor(state_dir: string) {
    this.#store = new BinaryStore(state_dir);
  }

  /** Begins to look, for whoever asks later. */
  prepare(): void {
    this.get().catch(() => {}); // logged there; whoever asks gets the error
  }

  /**
   * The FFmpeg to use, run to see that it works.
   * @throws FlyBrowserError `ffmpeg_not_found`
   */
  get(): Promise<FfmpegBinary> {
    this.#looking ??= locateFfmpeg().then(
      (binary) => {
        log.info("FFmpeg {version} at {path}", { ...binary });
        void this.#keep(binary);
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

  /**
   * The FFmpeg that an earlier host has run, at once, if it is the same file; else as {@link get}. Only to say that there is one, since running
   * it takes 50 ms and more: what uses it asks `get`, which looks in any case.
   * @throws FlyBrowserError `ffmpeg_not_found`
   */
  async known(): Promise<FfmpegBinary> {
    return (this.#looking === null && (await this.#remembered())) || this.get();
  }

  async #remembered(): Promise<FfmpegBinary | null> {
    const path = firstPlace();
    const key = await binaryKey(path).catch(() => null);
    const kept = key === null ? null : v.safeParse(KeptSchema, (await this.#store.read(key)).found);
    return kept?.success ? { path, version: kept.output.version } : null;
  }

  async #keep({ path, version }: FfmpegBinary): Promise<void> {
    const key = await binaryKey(path).catch(() => null);
    if (key === null) return;
    const kept = v.safeParse(KeptSchema, (await this.#store.read(key)).found);
    if (!kept.success || kept.output.version !== version) await this.#store.put(key, "found", { schema: 1, version });
  }
}
