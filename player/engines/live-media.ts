// Media Source Extensions for the live engine: a SourceBuffer per track, fed as fragments come, and kept from growing.
import type { LiveTrack } from "../../protocol/live-messages.ts";

/** s of what was played that stay, to go back in; after a complaint of the browser half of it. */
const KEEP = 90;
const LEAST_KEPT = 5;
/** s more than that before something is removed. */
const SLACK = 10;

type Kind = LiveTrack["kind"];

/** What a browser calls its MediaSource: on iPhones there is the managed one alone. */
export function mediaSourceClass(): typeof MediaSource | undefined {
  const { MediaSource: plain, ManagedMediaSource: managed } = globalThis as {
    MediaSource?: typeof MediaSource;
    ManagedMediaSource?: typeof MediaSource;
  };
  return plain ?? managed;
}

/** What a SourceBuffer has still to do. */
type Job =
  | { readonly type: "append"; readonly pieces: Uint8Array[] }
  | { readonly type: "change"; readonly mime_type: string }
  | { readonly type: "remove"; readonly from: number; readonly to: number };

/** One SourceBuffer and what waits for it. */
class TrackBuffer {
  readonly #buffer: SourceBuffer;
  readonly #onFull: () => void;
  #jobs: Job[] = [];
  #mimeType: string;

  constructor(buffer: SourceBuffer, mime_type: string, events: { onDone: () => void; onFull: () => void }) {
    this.#buffer = buffer;
    this.#mimeType = mime_type;
    this.#onFull = events.onFull;
    buffer.addEventListener("updateend", () => {
      events.onDone();
      this.#next();
    });
  }

  /** Nothing waits. */
  get idle(): boolean {
    return this.#jobs.length === 0 && !this.#buffer.updating;
  }

  /** A run begins. */
  open({ mime_type }: LiveTrack, init: Uint8Array): void {
    if (mime_type !== this.#mimeType) this.#jobs.push({ type: "change", mime_type });
    this.#mimeType = mime_type;
    this.append(init);
  }

  append(piece: Uint8Array): void {
    const last = this.#jobs.at(-1);
    if (last?.type === "append") last.pieces.push(piece);
    else this.#jobs.push({ type: "append", pieces: [piece] });
    this.#next();
  }

  /** Removes what is before `to`, s, in front of all that waits. */
  removeBefore(to: number): void {
    const { buffered } = this.#buffer;
    if (buffered.length === 0 || buffered.start(0) >= to) return;
    this.#jobs.unshift({ type: "remove", from: 0, to });
    this.#next();
  }

  #next(): void {
    const [job] = this.#jobs;
    if (!job || this.#buffer.updating) return;
    try {
      if (job.type === "append") this.#buffer.appendBuffer(joined(job.pieces));
      else if (job.type === "change") this.#buffer.changeType(job.mime_type);
      else this.#buffer.remove(job.from, job.to);
    } catch (thrown) {
      if (!(thrown instanceof DOMException && thrown.name === "QuotaExceededError")) throw thrown;
      this.#onFull(); // and then again
      return;
    }
    this.#jobs.shift();
    if (job.type === "change") this.#next();
  }
}

/** What {@link LiveMedia} tells. */
export interface LiveMediaEvents {
  /** More can be played. */
  readonly onMore: () => void;
  /** Its decoder or its buffers have failed: another one is needed. */
  readonly onFailed: (reason: string) => void;
}

/** The media of one engine, from one MediaSource. */
export class LiveMedia {
  readonly #video: HTMLVideoElement;
  readonly #events: LiveMediaEvents;
  readonly #source: MediaSource;
  readonly #url: string;
  readonly #listeners = new AbortController();
  #buffers = new Map<Kind, TrackBuffer>();
  /** What came before the browser was ready. */
  #waiting: (() => void)[] = [];
  #keep = KEEP;
  #ended = false;
  #closed = false;

  constructor(video: HTMLVideoElement, events: LiveMediaEvents) {
    const Source = mediaSourceClass();
    if (!Source) throw new Error("this browser has no MediaSource");
    this.#video = video;
    this.#events = events;
    this.#source = new Source();
    this.#url = URL.createObjectURL(this.#source);
    const { signal } = this.#listeners;
    const ready = () => {
      this.#source.duration = Number.POSITIVE_INFINITY;
      for (const act of this.#waiting.splice(0)) act();
    };
    this.#source.addEventListener("sourceopen", ready, { signal, once: true });
    const failed = () => this.#fail(video.error?.message || "the decoder failed");
    video.addEventListener("error", failed, { signal });
    // Where remote playback is possible the managed one doesn't open.
    video.disableRemotePlayback = true;
    video.src = this.#url;
  }

  /** The newest stretch that can be played without a gap, s; `null`: there is none. */
  get newest(): { readonly start: number; readonly end: number } | null {
    const { buffered } = this.#video;
    const last = buffered.length - 1;
    return last < 0 ? null : { start: buffered.start(last), end: buffered.end(last) };
  }

  /** The oldest moment that can be played, s. */
  get oldest(): number | null {
    const { buffered } = this.#video;
    return buffered.length === 0 ? null : buffered.start(0);
  }

  /** Whether these tracks can be played by the same buffers as those before; there are none at first. */
  fits(tracks: readonly LiveTrack[]): boolean {
    const same = tracks.length === this.#buffers.size && tracks.every(({ kind }) => this.#buffers.has(kind));
    return this.#buffers.size === 0 || same;
  }

  /** A run begins. */
  open(tracks: readonly LiveTrack[]): void {
    this.#do(() => {
      for (const track of tracks) if (!this.#buffers.has(track.kind)) this.#add(track);
      for (const track of tracks) {
        const init = Uint8Array.from(atob(track.init), (character) => character.charCodeAt(0));
        this.#buffers.get(track.kind)?.open(track, init);
      }
    });
  }

  /** Appends a fragment. */
  append(kind: Kind, fragment: Uint8Array): void {
    this.#do(() => this.#buffers.get(kind)?.append(fragment));
  }

  /** Removes what is too old. */
  trim(): void {
    const { newest, oldest } = this;
    if (!newest || oldest === null || newest.end - oldest < this.#keep + SLACK) return;
    for (const buffer of this.#buffers.values()) buffer.removeBefore(newest.end - this.#keep);
  }

  /** Nothing more comes. */
  end(): void {
    this.#ended = true;
    this.#do(() => this.#endIfIdle());
  }

  /** Lets go of the video element. Idempotent. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#listeners.abort();
    URL.revokeObjectURL(this.#url);
    this.#video.removeAttribute("src");
    this.#video.load();
  }

  #add({ kind, mime_type }: LiveTrack): void {
    const events = {
      onDone: () => {
        if (this.#closed) return;
        this.#events.onMore();
        this.#endIfIdle();
      },
      onFull: () => this.#shrink(),
    };
    this.#buffers.set(kind, new TrackBuffer(this.#source.addSourceBuffer(mime_type), mime_type, events));
  }

  #shrink(): void {
    if (this.#keep <= LEAST_KEPT) {
      this.#fail("the browser has no room for the media");
      return;
    }
    this.#keep = Math.max(LEAST_KEPT, this.#keep / 2);
    const to = (this.newest?.end ?? 0) - this.#keep;
    for (const buffer of this.#buffers.values()) buffer.removeBefore(to);
  }

  #endIfIdle(): void {
    const idle = [...this.#buffers.values()].every((buffer) => buffer.idle);
    if (this.#ended && idle && this.#source.readyState === "open") this.#source.endOfStream();
  }

  /** Now, or once the browser is ready. */
  #do(act: () => void): void {
    if (this.#closed) return;
    const guarded = () => {
      try {
        act();
      } catch (thrown) {
        this.#fail(String(thrown));
      }
    };
    if (this.#source.readyState === "closed") this.#waiting.push(guarded);
    else guarded();
  }

  #fail(reason: string): void {
    if (!this.#closed) this.#events.onFailed(reason);
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}
