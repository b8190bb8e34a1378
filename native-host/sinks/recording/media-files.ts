// The media files of a recording, two for each clip. Appends to them in order, and sees to it that what is a second old is on
// the disk.
import { readdirSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { Serial } from "../../../protocol/async.ts";
import type { MediaType } from "../../media/rendition.ts";

/** ms between two syncs. */
const SYNC_EVERY = 1_000;

const MEDIA_FILE = /^\d{4,}-(video|audio)\.mp4$/;

/** Name of the file with the video or the audio of a clip: of what has the same init segments. */
export function mediaFileName(clip: number, type: MediaType): string {
  return `${String(clip).padStart(4, "0")}-${type}.mp4`;
}

/** How many clips there are in a folder, and the bytes of their files. */
export function mediaIn(folder: string): { clips: number; bytes: number } {
  const names = readdirSync(folder).filter((name) => MEDIA_FILE.test(name));
  const sizes = names.map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return {
    clips: names.filter((name) => name.endsWith("-video.mp4")).length,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
  };
}

/** A file that can be appended to; replaced in tests. */
export type AppendFile = Pick<FileHandle, "appendFile" | "datasync" | "close">;

/** What {@link MediaFiles} need. */
export interface MediaFilesOptions {
  readonly folder: string;
  /** Told once, when the disk takes no more; nothing is written after that. */
  readonly onError: (error: unknown) => void;
  /** Replaced in tests. */
  readonly openFile?: (path: string) => Promise<AppendFile>;
}

const openToAppend = (path: string): Promise<AppendFile> => open(path, "a", 0o600);

/** The media files of one recording. */
export class MediaFiles {
  readonly #options: MediaFilesOptions;
  readonly #files = new Map<string, AppendFile>();
  readonly #dirty = new Set<AppendFile>();
  readonly #disk = new Serial();
  readonly #timer: NodeJS.Timeout;
  #written = 0;
  #syncing = false;
  #failed = false;

  constructor(options: MediaFilesOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      if (!this.#syncing) void this.#sync();
    }, SYNC_EVERY);
  }

  /** Bytes that the disk has taken. */
  get written_bytes(): number {
    return this.#written;
  }

  /** Appends to a file of the folder. Resolves when the disk has taken it, or takes no more: see `onError`. */
  append(name: string, data: Uint8Array): Promise<void> {
    return this.#run(async () => {
      const file = this.#files.get(name) ?? (await this.#open(name));
      await file.appendFile(data);
      this.#dirty.add(file);
      this.#written += data.length;
    });
  }

  /** Syncs and closes, once what was appended is written. Idempotent; it doesn't reject. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sync();
    await this.#disk.run(async () => {
      const files = [...this.#files.values()];
      this.#files.clear();
      await Promise.allSettled(files.map((file) => file.close()));
    });
  }

  async #open(name: string): Promise<AppendFile> {
    const file = await (this.#options.openFile ?? openToAppend)(join(this.#options.folder, name));
    this.#files.set(name, file);
    return file;
  }

  async #sync(): Promise<void> {
    this.#syncing = true;
    await this.#run(async () => {
      const dirty = [...this.#dirty];
      this.#dirty.clear();
      for (const file of dirty) await file.datasync();
    });
    this.#syncing = false;
  }

  #run(work: () => Promise<void>): Promise<void> {
    return this.#disk.run(async () => {
      if (this.#failed) return;
      await work().catch((error: unknown) => {
        this.#failed = true;
        this.#options.onError(error);
      });
    });
  }
}
