// Sends the slices of a stream's runs to the service worker, in order, with a bound on what the host has not taken yet. Beyond
// it the run ends instead of having a hole, the loss is counted, and a new run is due when there is room. What isn't taken is kept:
// where the way to the host was lost and made anew, it goes on from there.
import type { MediaMessage, TakenMedia } from "../../protocol/media-messages.ts";
import type { RunOpening } from "../../protocol/native-messages.ts";

const MIN_BOUND = 8 * 1024 * 1024;
/** Seconds of the stream's bitrate that may be under way. */
const BOUND_SECONDS = 4;
/** Share of the bound below which a new run may begin after an overflow. */
const ROOM = 0.25;
/** Times the bound that all runs together may have under way: after an overflow the next run has a bound of its own. */
const RUNS = 3;

/** The part of a MessagePort that is used. */
export interface MediaPort {
  postMessage(message: MediaMessage): void;
}

/** What was sent and the host has not taken yet: the opening or the end of a run, or a slice. */
interface Sent {
  readonly run: number;
  readonly message: MediaMessage;
  /** Bytes of the run before it, and how many of its own aren't taken; 0 where it is no slice. */
  readonly from: number;
  bytes: number;
  readonly duration: number;
}

/** What a {@link Publisher} needs. */
export interface PublisherOptions {
  readonly stream_id: string;
  /** Number of the first run. */
  readonly first_run: number;
  /** bit/s */
  readonly bitrate: number;
  readonly frame_rate: number;
  /** The port at hand; `null` while the service worker restarts. */
  readonly port: () => MediaPort | null;
  /** The run can't go on: its recorder is to be stopped, a new run to be begun, at once or after `onRoom`. */
  readonly onOverflow: (run: number, next: "at_once" | "after_room") => void;
  /** There is room again after an overflow. */
  readonly onRoom: () => void;
}

/** Bytes that may be under way at `bitrate` bit/s: 8 MiB, or 4 s of media where that is more. */
export function boundFor(bitrate: number): number {
  return Math.max(MIN_BOUND, (bitrate / 8) * BOUND_SECONDS);
}

/** The publisher of one stream. */
export class Publisher {
  readonly #options: PublisherOptions;
  #bound: number;
  #frameRate: number;
  #nextRun: number;
  #open: number | null = null;
  #sent: Sent[] = [];
  #underWay = 0;
  /** Bytes of the newest run that were sent; of the newest one that was acknowledged, that were taken. */
  #sentOfRun = 0;
  #taken = { run: -1, bytes: 0 };
  /** Bytes of the open run among them. */
  #ofOpenRun = 0;
  #overflowing = false;
  /** ms of media lost and not yet reported. */
  #lost = 0;

  constructor(options: PublisherOptions) {
    this.#options = options;
    this.#nextRun = options.first_run;
    this.#frameRate = options.frame_rate;
    this.#bound = boundFor(options.bitrate);
  }

  /** What comes from now on has this bitrate (bit/s) and frame rate. */
  asFor(bitrate: number, frame_rate: number): void {
    this.#bound = boundFor(bitrate);
    this.#frameRate = frame_rate;
  }

  /** Bytes sent and not yet taken by the host. */
  get underWay(): number {
    return this.#underWay;
  }

  /** Opens the next run, after reporting what was lost before it; gives its number. */
  openRun(opening: Omit<RunOpening, "stream_id" | "run" | "sent_at" | "clock">): number {
    const run = this.#nextRun++;
    this.#report("a new run began");
    this.#open = run;
    this.#ofOpenRun = 0;
    this.#sentOfRun = 0;
    const times = { sent_at: performance.now(), clock: performance.timeOrigin };
    this.#keep(run, { kind: "run_opened", run: { stream_id: this.#options.stream_id, run, ...opening, ...times } });
    return run;
  }

  /**
   * Sends a slice of `duration` ms, in whose time its recorder was given so many frames, at the end of which the tab had shown for so many
   * ms what isn't seen. A slice that comes after its run has ended is lost.
   */
  send(run: number, buffer: ArrayBuffer, duration: number, { frames = 0, unseen = 0 } = {}): void {
    const bytes = buffer.byteLength;
    if (run !== this.#open) {
      this.lose(duration);
      return;
    }
    const full = this.#underWay + bytes > this.#bound * RUNS;
    if (full || this.#ofOpenRun + bytes > this.#bound) {
      this.lose(duration);
      this.#overflowing = full;
      this.closeRun(run, "the host does not keep up");
      this.#options.onOverflow(run, full ? "after_room" : "at_once");
      return;
    }
    this.#underWay += bytes;
    this.#ofOpenRun += bytes;
    const { stream_id } = this.#options;
    const from = this.#sentOfRun;
    this.#sentOfRun += bytes;
    this.#keep(
      run,
      { kind: "chunk", stream_id, run, sent_at: performance.now(), frames, unseen, buffer },
      from,
      bytes,
      duration,
    );
  }

  /** Ends a run; one that is not open is left alone. */
  closeRun(run: number, reason: string): void {
    if (run !== this.#open) return;
    this.#open = null;
    this.#keep(run, { kind: "run_closed", stream_id: this.#options.stream_id, run, reason });
  }

  /** Counts `duration` ms of media as lost; reported with the next run. */
  lose(duration: number): void {
    this.#lost += duration;
  }

  /** The host has taken so many bytes of a run. */
  accepted(run: number, bytes: number): void {
    this.#taken = { run, bytes: bytes + (run === this.#taken.run ? this.#taken.bytes : 0) };
    let left = bytes;
    for (let sent = this.#sent[0]; sent !== undefined && sent.run <= run; sent = this.#sent[0]) {
      const taken = sent.run < run ? sent.bytes : Math.min(left, sent.bytes);
      sent.bytes -= taken;
      this.#underWay -= taken;
      if (sent.run === this.#open) this.#ofOpenRun -= taken;
      if (sent.run === run) left -= taken;
      // Of its end nothing is heard but that the next run has begun.
      if (sent.bytes > 0 || (sent.run === run && sent.message.kind === "run_closed")) break;
      this.#sent.shift();
    }
    if (this.#overflowing && this.#underWay <= this.#bound * ROOM) {
      this.#overflowing = false;
      this.#options.onRoom();
    }
  }

  /**
   * The way to the host was made anew: sends once more what it lacks. `false`: its run can't go on there, since not all of that is kept
   * any more, or there was no run at all.
   */
  goOn({ run, bytes, told }: TakenMedia): boolean {
    const open = this.#open;
    if (open === null || run > open) return false;
    const untold = told - (run === this.#taken.run ? this.#taken.bytes : 0);
    if (run >= 0 && untold > 0) this.accepted(run, untold);
    const lacking = this.#sent.filter((sent) => {
      if (sent.run !== run) return sent.run > run;
      return sent.message.kind === "run_closed" || (sent.message.kind === "chunk" && sent.from >= bytes);
    });
    const ofOpen = lacking.filter((sent) => sent.run === open);
    const [first] = ofOpen;
    const whole =
      open === run
        ? ofOpen.reduce((sum, sent) => sum + sizeOf(sent.message), 0) === this.#sentOfRun - bytes
        : first?.message.kind === "run_opened";
    if (!whole) return false;
    this.#post({ kind: "run_continued", stream_id: this.#options.stream_id, run });
    for (const { message } of lacking) this.#post(message);
    return true;
  }

  /** Whoever was to take what is under way has died: it counts as lost. */
  forgetUnderWay(): void {
    for (const { duration } of this.#sent) this.lose(duration);
    this.#sent = [];
    this.#underWay = 0;
    this.#ofOpenRun = 0;
    this.#overflowing = false;
  }

  #report(reason: string): void {
    const frames = Math.round((this.#lost / 1000) * this.#frameRate);
    this.#lost = 0;
    if (frames > 0) this.#post({ kind: "frames_dropped", stream_id: this.#options.stream_id, frames, reason });
  }

  #keep(run: number, message: MediaMessage, from = 0, bytes = 0, duration = 0): void {
    this.#sent.push({ run, message, from, bytes, duration });
    this.#post(message);
  }

  #post(message: MediaMessage): void {
    this.#options.port()?.postMessage(message);
  }
}

const sizeOf = (message: MediaMessage) => (message.kind === "chunk" ? message.buffer.byteLength : 0);
