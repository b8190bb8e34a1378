// A screen and a speaker for one client, as it would have at a desk: an X server, a window manager that makes every window as large as
// the screen, a sound server; and what is seen and heard there.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { sleep } from "../../protocol/async.ts";
import { COLUMNS, type PatternFrame, ROWS, readPattern } from "../../test/e2e/harness/pattern.ts";
import { run } from "../../test/e2e/harness/run.ts";

/** px */
const SCREEN = { width: 640, height: 360 } as const;
/** Looks a second. */
const LOOKS = 15;
/** Hz of the sound that is listened to, and samples of one reading: a tenth of a second. */
const RATE = 8_000;
const READING = RATE / 10;

/** A picture of the pattern, and when it was seen (epoch ms). */
export interface Seen extends PatternFrame {
  readonly at: number;
}

/** How loud a tenth of a second was, of 1. */
export interface Heard {
  readonly at: number;
  readonly level: number;
}

/** Reads pictures of 16 × 9 gray pixels from a pipe. */
export function watchCells(pipe: Readable, seen: Seen[]): void {
  inPieces(pipe, COLUMNS * ROWS, (cells) => {
    const frame = readPattern(cells);
    if (frame && frame.time > 0) seen.push({ ...frame, at: Date.now() });
  });
}

/** Reads the sound of a pipe: 16 bits, mono, {@link SOUND_FORMAT}. */
export function listen(pipe: Readable, heard: Heard[]): void {
  inPieces(pipe, READING * 2, (samples) => {
    let sum = 0;
    for (let at = 0; at < samples.length; at += 2) sum += (samples.readInt16LE(at) / 32768) ** 2;
    heard.push({ at: Date.now(), level: Math.sqrt(sum / READING) });
  });
}

/** FFmpeg's words for pictures and sound that {@link watchCells} and {@link listen} read. */
export const CELLS = ["-vf", `scale=${COLUMNS}:${ROWS}:flags=area,format=gray`, "-f", "rawvideo"];
export const SOUND_FORMAT = ["-ac", "1", "-ar", String(RATE), "-f", "s16le"];

function inPieces(pipe: Readable, size: number, take: (piece: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0);
  pipe.on("data", (data: Buffer) => {
    rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
    let at = 0;
    for (; rest.length - at >= size; at += size) take(rest.subarray(at, at + size));
    rest = rest.subarray(at);
  });
}

/** What a client has before it. */
export class Stage {
  readonly folder: string;
  readonly #processes: ChildProcess[] = [];
  readonly seen: Seen[] = [];
  readonly heard: Heard[] = [];
  #display = "";

  /** @throws Error when a program isn't there or doesn't start within 10 s */
  static async open(): Promise<Stage> {
    const stage = new Stage(mkdtempSync(join(tmpdir(), "flybrowser-client-")));
    try {
      await stage.#start();
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  private constructor(folder: string) {
    this.folder = folder;
    chmodSync(folder, 0o777); // VLC doesn't run as root
    mkdirSync(join(folder, "home"), { mode: 0o777 });
    chmodSync(join(folder, "home"), 0o777);
  }

  /** What the client's environment needs. */
  get env(): Record<string, string> {
    return {
      DISPLAY: this.#display,
      HOME: join(this.folder, "home"),
      PULSE_SERVER: `unix:${this.#socket}`,
      SDL_AUDIODRIVER: "pulseaudio",
      GDK_BACKEND: "x11",
      MOZ_ENABLE_WAYLAND: "0",
    };
  }

  get #socket(): string {
    return join(this.folder, "sound");
  }

  async #start(): Promise<void> {
    const size = `${SCREEN.width}x${SCREEN.height}`;
    const screen = this.#spawn("Xvfb", ["-displayfd", "3", "-screen", "0", `${size}x24`, "-nolisten", "tcp"], [3]);
    const [number] = (await within(once(screen.stdio[3] as Readable, "data"), "the X server")) as [Buffer];
    this.#display = `:${number.toString().trim()}`;
    const sounds = ["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"];
    const modules = [
      `module-native-protocol-unix auth-anonymous=1 socket=${this.#socket}`,
      "module-null-sink sink_name=speaker",
    ];
    this.#spawn("pulseaudio", [...sounds, ...modules.flatMap((each) => ["-L", each])]);
    this.#spawn("matchbox-window-manager", ["-use_titlebar", "no"]);
    await within(this.#soundThere(), "the sound server");
    const record = ["-d", "speaker.monitor", "--raw", "--format=s16le", `--rate=${RATE}`, "--channels=1"];
    listen(this.#spawn("parec", [...record, "--latency-msec=50"]).stdout as Readable, this.heard);
    const grab = ["-f", "x11grab", "-framerate", String(LOOKS), "-draw_mouse", "0", "-video_size", size];
    const eye = ["-v", "error", ...grab, "-i", this.#display, ...CELLS, "-"];
    watchCells(this.#spawn("ffmpeg", eye).stdout as Readable, this.seen);
  }

  async #soundThere(): Promise<void> {
    for (;;) {
      const { status } = await run("pactl", ["info"], { env: this.env, timeout: 5_000 }).catch(() => ({ status: 1 }));
      if (status === 0) return;
      await sleep(100);
    }
  }

  #spawn(program: string, args: readonly string[], more: readonly number[] = []): ChildProcess {
    const child = spawn(program, args, {
      stdio: ["ignore", "pipe", "ignore", ...more.map(() => "pipe" as const)],
      env: { ...process.env, ...this.env },
    });
    child.on("error", () => {}); // it is missed where it is waited for
    this.#processes.push(child);
    return child;
  }

  /** Ends all that it has started. */
  async close(): Promise<void> {
    for (const child of this.#processes.splice(0).reverse()) await endProcess(child);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

/** Ends a process: within 3 s, else by force. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, "exit");
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 3_000);
  await gone;
  clearTimeout(timer);
}

async function within<T>(work: Promise<T>, what: string): Promise<T> {
  const late = sleep(10_000).then(() => Promise.reject(new Error(`${what} didn't start within 10 s`)));
  return Promise.race([work, late]);
}
