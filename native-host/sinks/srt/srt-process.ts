// The owner of one FFmpeg that sends by SRT: MP4 fragments in, video and audio by a pipe each, MPEG-TS out. The passphrase goes to it in a
// preset file that is gone before FFmpeg reads it (docs/decisions/srt.md).
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import { LineTail } from "../../ffmpeg/death.ts";
import type { MediaType } from "../../media/rendition.ts";
import { randomToken } from "../../stream/identity.ts";
import type { SrtTarget } from "./address.ts";

/** ms between the end of the input and the ends by force. */
const GRACE = { input_end: 1_500, sigterm: 500 } as const;
/** Descriptors of the child. */
const FD = { video: 3, audio: 4, preset: 5 } as const;
/** Bytes that may wait in front of FFmpeg's pipes: more than one of video and audio can be ahead of the other. */
const MOST_WAITING = 8 * 1024 * 1024;
const PORTION = 64 * 1024;

/** What an {@link SrtProcess} needs. */
export interface SrtProcessOptions {
  readonly ffmpeg_path: string;
  readonly target: SrtTarget;
  /** ms */
  readonly connect_timeout: number;
  readonly with_audio: boolean;
  /** Told once, when the connection stands. */
  readonly onConnected: () => void;
  /** Told once, when it has ended: the last lines that it wrote. */
  readonly onEnd: (lines: readonly string[]) => void;
}

/** The arguments: nothing in them is secret. `preset`: where the options are that may be. */
export function srtArguments(server: string, with_audio: boolean, preset: string): string[] {
  const input = (fd: number) => [
    ...["-thread_queue_size", "512", "-fflags", "+nobuffer", "-fpsprobesize", "0", "-analyzeduration", "0"],
    ...["-f", "mp4", "-i", `pipe:${fd}`],
  ];
  return [
    ...["-hide_banner", "-nostats", "-loglevel", "warning", "-progress", "pipe:1", "-stats_period", "0.5", "-copyts"],
    ...input(FD.video),
    ...(with_audio ? input(FD.audio) : []),
    ...["-map", "0:v", ...(with_audio ? ["-map", "1:a"] : []), "-c", "copy"],
    ...["-muxdelay", "0", "-muxpreload", "0", "-flush_packets", "1", "-pes_payload_size", "0"],
    ...["-fpre", preset, "-f", "mpegts", server],
  ];
}

/** One running FFmpeg. */
export class SrtProcess {
  readonly #child: ChildProcess;
  readonly #options: SrtProcessOptions;
  readonly #stderr = new LineTail();
  readonly #preset: string | null;
  readonly #gone: Promise<void>;
  #progress = "";
  #connected = false;
  #sent = 0;
  #movedAt = performance.now();
  #ending = false;

  constructor(options: SrtProcessOptions) {
    this.#options = options;
    const { server } = options.target;
    const { path, fd } = writePreset(options.target.revealPreset(options.connect_timeout));
    // Windows can neither remove an open file nor name one by its descriptor: there the file goes with the process.
    this.#preset = process.platform === "win32" ? path : null;
    if (this.#preset === null) unlinkSync(path);
    const preset = this.#preset ?? `/dev/fd/${FD.preset}`;
    this.#child = spawn(options.ffmpeg_path, srtArguments(server, options.with_audio, preset), {
      stdio: ["ignore", "pipe", "pipe", "pipe", "pipe", fd],
      windowsHide: true,
    });
    closeSync(fd);
    this.#child.stdout?.setEncoding("utf8").on("data", (text: string) => this.#read(text));
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => this.#stderr.push(text));
    for (const type of ["video", "audio"] as const) this.#pipe(type).on("error", () => {}); // its end tells why
    this.#gone = new Promise((resolve) => {
      let told = false;
      const end = (line?: string) => {
        if (told) return;
        told = true;
        this.#stderr.end();
        if (this.#preset) rmSync(this.#preset, { force: true });
        options.onEnd(line === undefined ? this.#stderr.lines : [...this.#stderr.lines, line]);
        resolve();
      };
      this.#child.on("error", (error) => (this.#child.pid === undefined ? end(error.message) : undefined));
      this.#child.on("close", () => end());
    });
  }

  /** The connection stands. */
  get connected(): boolean {
    return this.#connected;
  }

  /** Bytes that the network has taken. */
  get bytes_sent(): number {
    return this.#sent;
  }

  /** ms since the network last took something. */
  get silence(): number {
    return performance.now() - this.#movedAt;
  }

  /** Gives it bytes of MP4. */
  write(type: MediaType, bytes: Uint8Array): void {
    if (!this.#ending && this.#pipe(type).writable) this.#pipe(type).write(bytes);
  }

  /**
   * Resolves when there is room again; `undefined`: there is. While FFmpeg waits for one of video and audio, the other may wait in
   * front of its pipe: that is no reason to hold back what it waits for.
   */
  drained(): Promise<void> | undefined {
    const types = ["video", "audio"] as const;
    const waiting = types.map((type) => this.#pipe(type).writableLength);
    const [video = 0, audio = 0] = waiting;
    const full = video + audio > MOST_WAITING || (video > PORTION && (audio > 0 || !this.#options.with_audio));
    if (!full || !this.#pipe("video").writable) return undefined;
    const drained = new Promise<void>((resolve) => this.#pipe("video").once("drain", resolve));
    return Promise.race([drained, this.#gone]);
  }

  /** Ends its input and lets it send what it has; firmer after each grace. Resolves when it is gone. */
  finish(): Promise<void> {
    if (!this.#ending) {
      this.#ending = true;
      for (const type of ["video", "audio"] as const) this.#pipe(type).end();
      const force = [
        setTimeout(() => this.#child.kill("SIGTERM"), this.#connected ? GRACE.input_end : 0),
        setTimeout(() => this.#child.kill("SIGKILL"), GRACE.input_end + GRACE.sigterm),
      ];
      void this.#gone.then(() => {
        for (const timer of force) clearTimeout(timer);
      });
    }
    return this.#gone;
  }

  /** Ends it at once; resolves when it is gone. */
  kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    return this.#gone;
  }

  #pipe(type: MediaType): Writable {
    return this.#child.stdio[FD[type]] as Writable;
  }

  /** FFmpeg reports how far it is from the moment on at which its output is open. */
  #read(text: string): void {
    const lines = (this.#progress + text).split("\n");
    this.#progress = (lines.pop() ?? "").slice(-200);
    for (const line of lines) {
      const sent = /^total_size=(\d+)/.exec(line)?.[1];
      if (sent !== undefined && Number(sent) > this.#sent) {
        this.#sent = Number(sent);
        this.#movedAt = performance.now();
      }
      if (!line.startsWith("progress=") || this.#connected || this.#ending) continue;
      this.#connected = true;
      this.#movedAt = performance.now();
      this.#options.onConnected();
    }
  }
}

/** A file that this user alone can read, and its descriptor. */
function writePreset(text: string): { path: string; fd: number } {
  const path = join(tmpdir(), `flybrowser-${randomToken(12)}.ffpreset`);
  const written = openSync(path, "wx", 0o600);
  writeSync(written, text);
  closeSync(written);
  return { path, fd: openSync(path, "r") };
}
