// Appends media to files, in order, with a bounded queue, and sees to it that what is a second old is on the disk.
// Never knows what the bytes mean.
import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";

/** A file that can be appended to; replaced in tests. */
export type AppendFile = Pick<FileHandle, "appendFile" | "datasync" | "close">;

/** What a {@link MediaWriter} needs. */
export interface MediaWriterOptions {
  readonly folder: string;
  /** Told once, when the disk takes no more; nothing is written after that. */
  readonly onError: (error: unknown) => void;
  readonly openFile?: (path: string) => Promise<AppendFile>;
}

/** Bytes that may wait for the disk: 5 s at the highest profile. */
export const MAX_WAITING = 32 * 1024 * 1024;
/** ms between two syncs. */
const SYNC_EVERY = 1_000;

const appendTo = (path: string): Promise<AppendFile> => open(path, "a", 0o600);

/** The files of one recording. */
export class MediaWriter {
  readonly #options: MediaWriterOptions;
  readonly #files = new Map<string, AppendFile>();
  readonly #dirty = new Set<AppendFile>();
  readonly #timer: NodeJS.Timeout;
  #queue: { name: string; data: Uint8Array }[] = [];
  #waiting = 0;
  #written = 0;
  #working: Promise<void> | null = null;
  #syncDue = false;
  #failed = false;

  constructor(options: MediaWriterOptions) {
    this.#options = options;
    this.#timer = setInterval(() => {
      this.#syncDue = true;
      this.#work();
    }, SYNC_EVERY);
  }

  /** Bytes that wait for the disk. */
  get waiting_bytes(): number {
    return this.#waiting;
  }

  /** Bytes that the disk has taken. */
  get written_bytes(): number {
    return this.#written;
  }

  /** Queues bytes for the end of a file of the folder; `false`: there is no room for them. */
  append(name: string, data: Uint8Array): boolean {
    if (this.#failed || this.#waiting + data.length > MAX_WAITING) return false;
    this.#queue.push({ name, data });
    this.#waiting += data.length;
    this.#work();
    return true;
  }

  /** Writes out what waits, syncs and closes. Idempotent; it never throws: see `onError`. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    // The first round writes what waits, the second syncs it.
    for (let round = 0; round < 2; round++) {
      while (this.#working !== null) await this.#working;
      this.#syncDue = true;
      this.#work();
    }
    while (this.#working !== null) await this.#working;
    for (const file of this.#files.values()) await file.close().catch(() => {});
    this.#files.clear();
  }

  #work(): void {
    this.#working ??= this.#drain()
      .catch((error: unknown) => {
        this.#failed = true;
        this.#queue = [];
        this.#waiting = 0;
        this.#dirty.clear();
        this.#options.onError(error);
      })
      .finally(() => {
        this.#working = null;
      });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0 || (this.#syncDue && this.#dirty.size > 0)) {
      if (this.#syncDue) await this.#sync();
      await this.#writeBatch();
    }
    this.#syncDue = false;
  }

  async #sync(): Promise<void> {
    this.#syncDue = false;
    const dirty = [...this.#dirty];
    this.#dirty.clear();
    for (const file of dirty) await file.datasync();
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#queue;
    this.#queue = [];
    for (const name of new Set(batch.map((item) => item.name))) {
      const pieces = batch.filter((item) => item.name === name).map(({ data }) => data);
      const bytes = Buffer.concat(pieces);
      const file = await this.#file(name);
      await file.appendFile(bytes);
      this.#dirty.add(file);
      this.#waiting -= bytes.length;
      this.#written += bytes.length;
    }
  }

  async #file(name: string): Promise<AppendFile> {
    const known = this.#files.get(name);
    if (known) return known;
    const file = await (this.#options.openFile ?? appendTo)(join(this.#options.folder, name));
    this.#files.set(name, file);
    return file;
  }
}
