// Tells the extension what is off its hands, in batches: each acknowledgement wakes three processes.

/** It is told when it is so old (ms) or so much (bytes): far less than the extension may have under way (8 MiB or 4 s). */
const BATCH = { ms: 500, bytes: 1024 * 1024 } as const;

/** The acknowledgements of one stream. */
export class Acknowledgements {
  readonly #tell: (run: number, bytes: number) => void;
  #untold = { run: -1, bytes: 0 };
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #told = { run: -1, bytes: 0 };

  constructor(tell: (run: number, bytes: number) => void) {
    this.#tell = tell;
  }

  /** So many bytes of a run are taken, or lost for good. */
  add(run: number, bytes: number): void {
    if (run !== this.#untold.run) this.#flush();
    this.#untold = { run, bytes: this.#untold.bytes + bytes };
    if (this.#untold.bytes >= BATCH.bytes || this.#closed) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), BATCH.ms);
  }

  /** Bytes of a run that were told of. */
  toldOf(run: number): number {
    return run === this.#told.run ? this.#told.bytes : 0;
  }

  /** From now on nothing waits for a batch. Idempotent. */
  close(): void {
    this.#closed = true;
    this.#flush();
  }

  #flush(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    const { run, bytes } = this.#untold;
    this.#untold = { run, bytes: 0 };
    if (bytes === 0) return;
    this.#told = { run, bytes: bytes + this.toldOf(run) };
    this.#tell(run, bytes);
  }
}
