// The media files of a recording, two for each piece. Appends to them in order, and sees to it that what is a second old is on
// the disk.
import { readdirSync, statSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import { Serial } from "../../../protocol/async.ts";
import type { MediaType } from "../../media/rendition.ts";

/** What waits is written when it is so old (ms) or so large (bytes): each write costs a dozen system calls, whatever its size. */
const BATCH = { ms: 250, bytes: 1024 * 1024 } as const;
/** Batches between two syncs. */
const SYNC_EVERY = 4;

const MEDIA_FILE = /^\d{4,}-(video|audio)\.mp4$/;

/** Name of the file with the video or the audio of a piece: of what has the same init segments. */
export function mediaFileName(piece: number, type: MediaType): string {
  return `${String(piece).padStart(4, "0")}-${type}.mp4`;
}

/** How many pieces there are in a folder, and the bytes of their files. */
export function mediaIn(folder: string): { pieces: number; bytes: number } {
  const names = readdirSync(folder).filter((name) => MEDIA_FILE.test(name));
  const sizes = names.map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return {
    pieces: names.filter((name) => name.endsWith("-video.mp4")).length,
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
  /** Replaced in tests. */
  readonly batch?: { readonly ms: number; readonly bytes: number };
}

const openToAppend = (path: string): Promise<AppendFile> => open(path, "a", 0o600);

/** The media files of one recording. */
export class MediaFiles {
  readonly #options: MediaFilesOptions;
  readonly #batch: { readonly ms: number; readonly bytes: number };
  readonly #files = new Map<string, AppendFile>();
  readonly #dirty = new Set<AppendFile>();
  readonly #disk = new Serial();
  readonly #timer: NodeJS.Timeout;
  /** What waits for its batch, by file. */
  #waiting = new Map<string, Uint8Array[]>();
  #waitingBytes = 0;
  /** Bytes of the batches that the disk works on. */
  #writingBytes = 0;
  #written = 0;
  #batches = 0;
  #failed = false;

  constructor(options: MediaFilesOptions) {
    this.#options = options;
    this.#batch = options.batch ?? BATCH;
    this.#timer = setInterval(() => {
      if (this.#writingBytes === 0) void this.#flush(++this.#batches % SYNC_EVERY === 0);
    }, this.#batch.ms);
  }

  /** Bytes that were appended, those that still wait too. */
  get bytes(): number {
    return this.#written + this.#writingBytes + this.#waitingBytes;
  }

  /** Appends to a file of the folder. A promise says that the disk is behind, and resolves when it no longer is. */
  append(name: string, data: Uint8Array): Promise<void> | undefined {
    if (this.#failed) return undefined;
    const pieces = this.#waiting.get(name) ?? [];
    this.#waiting.set(name, pieces);
    pieces.push(data);
    this.#waitingBytes += data.length;
    if (this.#waitingBytes < this.#batch.bytes) return undefined;
    const isBehind = this.#writingBytes > 0;
    const done = this.#flush(false);
    return isBehind ? done : undefined;
  }

  /** Writes what waits, syncs and closes. Idempotent; it doesn't reject: see `onError`. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#flush(true);
    await this.#disk.run(async () => {
      const files = [...this.#files.values()];
      this.#files.clear();
      await Promise.allSettled(files.map((file) => file.close()));
    });
  }

  /** Writes what waits, after all before it; then sees to it that the disk has it. */
  #flush(sync: boolean): Promise<void> {
    const [waiting, bytes] = [this.#waiting, this.#waitingBytes];
    // What is being written just now is to be synced, too.
    if (bytes === 0 && !(sync && (this.#dirty.size > 0 || this.#writingBytes > 0))) return Promise.resolve();
    this.#waiting = new Map();
    this.#waitingBytes = 0;
    this.#writingBytes += bytes;
    return this.#disk.run(async () => {
      if (!this.#failed) await this.#write(waiting, sync).catch((error: unknown) => this.#fail(error));
      this.#writingBytes -= bytes;
    });
  }

  async #write(waiting: ReadonlyMap<string, readonly Uint8Array[]>, sync: boolean): Promise<void> {
    for (const [name, pieces] of waiting) {
      const file = this.#files.get(name) ?? (await this.#open(name));
      const data = pieces.length === 1 && pieces[0] ? pieces[0] : Buffer.concat(pieces);
      await file.appendFile(data);
      this.#dirty.add(file);
      this.#written += data.length;
    }
    if (!sync) return;
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const file of dirty) await file.datasync();
  }

  #fail(error: unknown): void {
    this.#failed = true;
    this.#options.onError(error);
  }

  async #open(name: string): Promise<AppendFile> {
    const file = await (this.#options.openFile ?? openToAppend)(join(this.#options.folder, name));
    this.#files.set(name, file);
    return file;
  }
}
