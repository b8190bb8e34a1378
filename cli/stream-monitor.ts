// Polls a running stream: shows a status line on a terminal, and notices when the stream has ended.
import { wordsOf } from "../protocol/errors.ts";
import { printable } from "../protocol/printable.ts";
import type { StreamInfoInWords as StreamInfo, StreamStatusInWords as StreamStatus } from "../protocol/results.ts";
import { sentence, type Words } from "../protocol/sentence.ts";
import { bitrateText, count, timeText } from "./report.ts";

/** ms between two polls. */
const INTERVAL = 1000;
/** Failed polls in a row until the host counts as gone. */
const MAX_FAILURES = 3;

/** A stream in one line. */
export function statusLine(info: StreamInfo): string {
  const { current_fps: fps, current_bitrate: bitrate } = info.metrics;
  const health = info.health === "healthy" ? "healthy" : `${info.health}: ${info.health_reasons.join("; ")}`;
  const rate = `${fps === null ? "–" : fps.toFixed(0)} fps`;
  const viewers = count(info.viewer_count, "viewer");
  return [timeText(info.uptime_seconds), rate, bitrateText(bitrate), viewers, health].join("  ·  ");
}

/** What a {@link StreamMonitor} works with. */
export interface StreamMonitorOptions {
  readonly status: () => Promise<StreamStatus>;
  /** Where the status line is shown; `null`: nowhere. */
  readonly terminal: NodeJS.WriteStream | null;
  /** `last`: the stream's last status, if it ended; `null`: the host has gone. */
  readonly onEnded: (reason: Words, last: StreamInfo | null) => void;
}

/** Polls the stream once a second until it is closed. */
export class StreamMonitor {
  readonly #options: StreamMonitorOptions;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  #failures = 0;

  constructor(options: StreamMonitorOptions) {
    this.#options = options;
    this.#schedule();
  }

  /** Stops polling and clears the line. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#options.terminal?.write("\r\u001b[K");
  }

  #schedule(): void {
    this.#timer = setTimeout(() => void this.#poll(), INTERVAL);
  }

  async #poll(): Promise<void> {
    try {
      const status = await this.#options.status();
      this.#failures = 0;
      if (this.#closed) return;
      if (!status.active) {
        const last = status.status ?? null;
        const wished = last?.state === "stopped";
        this.#options.onEnded(sentence(wished ? "command.stopped_elsewhere" : "command.ended_by_itself"), last);
        return;
      }
      this.#show(status.status);
    } catch (error) {
      this.#failures += 1;
      if (this.#closed) return;
      if (this.#failures >= MAX_FAILURES) {
        this.#options.onEnded(sentence("command.host_silent", { error: wordsOf(error) }), null);
        return;
      }
    }
    this.#schedule();
  }

  #show(info: StreamInfo): void {
    const { terminal } = this.#options;
    terminal?.write(`\r\u001b[K${printable(statusLine(info)).slice(0, Math.max(20, (terminal.columns ?? 80) - 1))}`);
  }
}
