// Tells the status of one stream: every second while it lives, and at once when its state or health is another than was told.
import type { StreamInfo } from "../../protocol/results.ts";

/** ms between two reports while a stream lives. */
const REPORT_EVERY = 1_000;

/** The reports of one stream, until they are closed. */
export class StatusReports {
  readonly #info: () => StreamInfo | null;
  readonly #tell: (info: StreamInfo) => void;
  readonly #timer: NodeJS.Timeout;
  #told = "";

  /** `info`: the status now; `null`: there is nothing to tell. */
  constructor(info: () => StreamInfo | null, tell: (info: StreamInfo) => void) {
    this.#info = info;
    this.#tell = tell;
    this.#timer = setInterval(() => this.#report(info()), REPORT_EVERY);
  }

  /** The state may be another now. Also after {@link close}: the end is told as well. */
  changed(): void {
    const info = this.#info();
    if (info && gist(info) !== this.#told) this.#report(info);
  }

  /** Tells nothing by itself any more. Idempotent. */
  close(): void {
    clearInterval(this.#timer);
  }

  #report(info: StreamInfo | null): void {
    if (!info) return;
    this.#told = gist(info);
    this.#tell(info);
  }
}

function gist({ state, health }: StreamInfo): string {
  return `${state} ${health}`;
}
