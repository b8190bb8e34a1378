// Media Source Extensions for the live engine: a SourceBuffer per track, fed as fragments come, and kept from growing.
import type { LiveTrack } from "../../protocol/live-messages.ts";
import { TrackBuffer } from "./live-track-buffer.ts";

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

/**
 * s by which unheard sound is put later than it belongs: it comes later than its picture (60 ms of Opus a packet, then AAC), and where nobody
 * hears it the picture need not wait.
 */
const UNHEARD_SHIFT = 0.3;

/** What {@link LiveMedia} tells. */
export interface LiveMediaEvents {
  /** More can be played. */
  readonly onMore: () => void;
  /** Its decoder or its buffers have failed: another one is needed. */
  readonly onFailed: (reason: string) => void;
}

/** A fragment of sound and when it begins, s; `null`: an init segment. */
interface UnheardPiece {
  readonly at: number | null;
  readonly bytes: Uint8Array;
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
  /** Sound that is shifted since nobody hears it, as it came; `null`: it is where it belongs. */
  #unheard: UnheardPiece[] | null;
  #shifted = false;
  #ended = false;
  #closed = false;

  /** `heard`: its sound has to be in step with the picture from the beginning. */
  constructor(video: HTMLVideoElement, heard: boolean, events: LiveMediaEvents) {
    const Source = mediaSourceClass();
    if (!Source) throw new Error("this browser has no MediaSource");
    this.#video = video;
    this.#events = events;
    this.#unheard = heard ? null : [];
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

  /** Whether its sound is where it belongs. */
  get heard(): boolean {
    return this.#unheard === null;
  }

  /** Puts the sound where it belongs, all that there is of it: somebody hears it from now on. */
  hear(): void {
    const pieces = this.#unheard?.map(({ bytes }) => bytes) ?? [];
    this.#unheard = null;
    if (this.#shifted) this.#do(() => this.#buffers.get("audio")?.replace(pieces));
  }

  /** A run begins. */
  open(tracks: readonly LiveTrack[]): void {
    this.#do(() => {
      for (const track of tracks) if (!this.#buffers.has(track.kind)) this.#add(track);
      for (const track of tracks) {
        const init = Uint8Array.from(atob(track.init), (character) => character.charCodeAt(0));
        this.#buffers.get(track.kind)?.open(track, init);
        if (track.kind === "audio") this.#unheard?.push({ at: null, bytes: init });
      }
    });
  }

  /** Appends a fragment, which begins `at`, s. */
  append(kind: Kind, fragment: Uint8Array, at: number): void {
    this.#do(() => this.#buffers.get(kind)?.append(fragment));
    if (kind !== "audio" || !this.#unheard) return;
    this.#unheard.push({ at, bytes: fragment });
    if (!this.#shifted) this.#shiftLater(this.#unheard, at);
  }

  /** What comes first is there twice, where it belongs and later, so that no gap is between. */
  #shiftLater(unheard: readonly UnheardPiece[], at: number): void {
    const first = unheard.find((each) => each.at !== null)?.at ?? at;
    if (at - first < UNHEARD_SHIFT) return;
    this.#shifted = true;
    this.#do(() => {
      const buffer = this.#buffers.get("audio");
      buffer?.shift(UNHEARD_SHIFT);
      for (const { bytes } of unheard) buffer?.append(bytes);
    });
  }

  /** Removes what is too old. */
  trim(): void {
    const { newest, oldest } = this;
    if (!newest || oldest === null || newest.end - oldest < this.#keep + SLACK) return;
    const from = newest.end - this.#keep;
    for (const buffer of this.#buffers.values()) buffer.removeBefore(from);
    this.#unheard &&= this.#unheard.filter(({ at }) => at === null || at > from);
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
