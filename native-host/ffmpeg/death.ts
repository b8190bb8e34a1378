// Turns the end of an FFmpeg that nobody asked to end into one readable error.
import { FlyBrowserError } from "../../protocol/errors.ts";
import { type Sentence, sentence, type Words } from "../../protocol/sentence.ts";

/** How a process ended, as Node tells it, and what it last wrote to stderr. */
export interface Death {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why we killed it ourselves, if we did. */
  readonly killed_because: Words | null;
  readonly stderr: readonly string[];
}

/** What FFmpeg says, and what it means here. */
const MEANINGS: readonly (readonly [RegExp, Sentence])[] = [
  [/EBML header parsing failed|Invalid data found when processing input/, sentence("ffmpeg.unannounced_media")],
  [/No space left on device/, sentence("ffmpeg.disk_full")],
  [/Cannot allocate memory/, sentence("ffmpeg.out_of_memory")],
  [/Unknown encoder|Encoder not found/, sentence("ffmpeg.missing_encoder")],
  [/Unrecognized option|Option .* not found/, sentence("ffmpeg.missing_option")],
  [/matches no streams/, sentence("ffmpeg.missing_track")],
];

function reasonOf(death: Death): Words {
  if (death.killed_because) return death.killed_because;
  const said = death.stderr.join("\n");
  const meaning = MEANINGS.find(([pattern]) => pattern.test(said))?.[1];
  if (!meaning && death.code === 0) return sentence("ffmpeg.stopped");
  const last = death.stderr.at(-1);
  const { signal, code: status } = death;
  const ended = signal ? sentence("ffmpeg.killed", { signal }) : sentence("ffmpeg.exited", { status });
  const reason = meaning ?? ended;
  return last ? sentence("ffmpeg.quoted", { reason, line: last }) : reason;
}

/** The error for an FFmpeg that ended by itself; its last lines of stderr are the cause. */
export function deathError(death: Death): FlyBrowserError {
  const cause = new Error(death.stderr.join("\n") || "FFmpeg wrote nothing to stderr");
  return new FlyBrowserError("ffmpeg_failed", { reason: reasonOf(death) }, { cause });
}

/** The error for an FFmpeg that could not be started at all. */
export function spawnError(path: string, cause: Error): FlyBrowserError {
  const code = (cause as NodeJS.ErrnoException).code;
  return new FlyBrowserError(
    "ffmpeg_failed",
    { reason: sentence("ffmpeg.not_started", { path, error: code ?? cause.message }) },
    { cause },
  );
}

/** What FFmpeg always says of an input that it was told not to probe: true, and of no use to anybody. */
const NOISE = /Could not find codec parameters|Consider increasing the value for the 'analyzeduration'/;
const MAX_LINES = 20;
const MAX_LINE_CHARS = 400;

/** Keeps the last lines of a text stream; bounded, however much is written and however long a line is. */
export class LineTail {
  readonly lines: string[] = [];
  #rest = "";

  push(text: string): void {
    const pieces = (this.#rest + text).split(/\r?\n|\r/);
    this.#rest = (pieces.pop() ?? "").slice(-MAX_LINE_CHARS);
    for (const piece of pieces) this.#keep(piece);
  }

  /** The text has ended: what stands behind the last line break is a line too. */
  end(): void {
    this.#keep(this.#rest);
    this.#rest = "";
  }

  #keep(line: string): void {
    if (line.trim() === "" || NOISE.test(line)) return;
    this.lines.push(line.slice(0, MAX_LINE_CHARS));
    if (this.lines.length > MAX_LINES) this.lines.shift();
  }
}
