// Turns the end of an FFmpeg that nobody asked to end into one readable error. Never starts or ends one.
import { FlyBrowserError } from "../../protocol/errors.ts";

/** How a process ended, as Node tells it, and what it last wrote to stderr. */
export interface Death {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Why we killed it ourselves, if we did. */
  readonly killed_because: string | null;
  readonly stderr: readonly string[];
}

/** What FFmpeg says, and what it means here. */
const MEANINGS: readonly (readonly [RegExp, string])[] = [
  [
    /EBML header parsing failed|Invalid data found when processing input/,
    "the media from the browser are not what it announced",
  ],
  [/No space left on device/, "the disk is full"],
  [/Cannot allocate memory/, "memory is used up"],
  [/Unknown encoder|Encoder not found/, "this FFmpeg lacks an encoder that is needed"],
  [/Unrecognized option|Option .* not found/, "this FFmpeg does not know an option that is needed"],
  [/matches no streams/, "the media from the browser lack a track that was announced"],
];

function reasonOf(death: Death): string {
  if (death.killed_because) return death.killed_because;
  const said = death.stderr.join("\n");
  const meaning = MEANINGS.find(([pattern]) => pattern.test(said))?.[1];
  const last = death.stderr.at(-1);
  const quoted = last ? `: "${last}"` : "";
  if (meaning) return `${meaning}${quoted}`;
  if (death.signal) return `it was killed by ${death.signal}${quoted}`;
  return death.code === 0 ? "it stopped although media kept coming" : `it exited with status ${death.code}${quoted}`;
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
    { reason: `${path} could not be started (${code ?? cause.message})` },
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
