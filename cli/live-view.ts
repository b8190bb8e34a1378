// Watches a running stream: one line of figures on a terminal, and the news when the stream ended by itself.
// Never starts or stops it.
import type { StreamInfo, StreamStatus } from "../protocol/results.ts";
import { bitrateText, timeText } from "./report.ts";

/** ms between two looks. */
const PERIOD = 1000;
/** So many failed looks in a row mean that the host is gone. */
const PATIENCE = 3;

/** One line about a stream. */
export function statusLine(info: StreamInfo): string {
  const { current_fps: fps, current_bitrate: bitrate } = info.metrics;
  const viewers = `${info.viewer_count} ${info.viewer_count === 1 ? "viewer" : "viewers"}`;
  const health = info.health === "healthy" ? "healthy" : `${info.health}: ${info.health_reasons.join("; ")}`;
  const rate = `${fps === null ? "–" : fps.toFixed(0)} fps`;
  return [timeText(info.uptime_seconds), rate, bitrateText(bitrate), viewers, health].join("  ·  ");
}

/** What a {@link LiveView} watches and tells. */
export interface LiveViewOptions {
  readonly status: () => Promise<StreamStatus>;
  /** Where the line goes; null: nowhere. */
  readonly terminal: NodeJS.WriteStream | null;
  readonly onEnded: (reason: string) => void;
}

/** Looks at the stream once a second until it is closed. */
export class LiveView {
  readonly #options: LiveViewOptions;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #failures = 0;

  constructor(options: LiveViewOptions) {
    this.#options = options;
    this.#again();
  }

  /** Stops looking and clears the line. */
  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
    this.#options.terminal?.write("\r\u001b[K");
  }

  #again(): void {
    this.#timer = setTimeout(() => void this.#look(), PERIOD);
  }

  async #look(): Promise<void> {
    try {
      const status = await this.#options.status();
      this.#failures = 0;
      if (this.#closed) return;
      if (!status.active) {
        this.#options.onEnded("the stream ended by itself");
        return;
      }
      this.#show(status.status);
    } catch (error) {
      this.#failures += 1;
      if (this.#closed) return;
      if (this.#failures >= PATIENCE) {
        this.#options.onEnded(`the host does not answer (${error instanceof Error ? error.message : String(error)})`);
        return;
      }
    }
    this.#again();
  }

  #show(info: StreamInfo): void {
    const { terminal } = this.#options;
    terminal?.write(`\r\u001b[K${statusLine(info).slice(0, Math.max(20, (terminal.columns ?? 80) - 1))}`);
  }
}
