// What every way to view a stream has in common: it plays into a <video>, tells what happens to it, and is
// thrown away when it fails. Never decides what to do about a failure: the player does.

/** A way to view, as the viewer may choose it. */
export type WayId = "webrtc" | "ll-hls" | "hls" | "dash" | "native-hls";

/** What an engine tells. Nothing comes after `destroy`. That nothing follows is told by the video element. */
export interface EngineEvents {
  /** It can't go on by itself: to be destroyed and made anew after a while, or another way to be tried. */
  readonly onFailed: (failure: EngineFailure) => void;
}

/** Why an engine gave up. */
export interface EngineFailure {
  /** `network`: try again later. `media`: try again now. `unsupported`: this way will never work here. */
  readonly kind: "network" | "media" | "unsupported";
  /** A few words for the log. */
  readonly reason: string;
}

/** Where an engine is; seconds of the video element's own time. `null`: not known (yet). */
export interface EnginePosition {
  /** Where the stream's newest media end now. */
  readonly live_edge: number | null;
  /** Seconds behind the edge that playback should keep. */
  readonly target: number | null;
  /** Oldest place that can be sought to. */
  readonly oldest: number | null;
  /** When the picture shown now was made, ms since 1970 by the host's clock. */
  readonly playing_date: number | null;
  /** ms from the making of the picture to its being seen, where the engine measures it itself. */
  readonly latency?: number | null;
  /** bit/s of the media that arrive, sound included. */
  readonly bitrate: number | null;
}

/** One way to view, at work. */
export interface Engine {
  /** Starts to fetch and to play into the video element. Once. */
  attach(video: HTMLVideoElement): void;
  /** Where it is now; cheap, called several times a second. */
  position(): EnginePosition;
  /** Fetches again at once, with what it has: the network or the machine is back. */
  retry(): void;
  /** The stream is over: what is there plays out, nothing is asked for any more. Left out: the engine sees it itself. */
  finish?(): void;
  /** Whether the player may vary the speed to keep the target (WebRTC does that by itself). */
  readonly keeps_target: boolean;
  /** Stops all of it and lets the video element go. Idempotent. */
  destroy(): void;
}

/** Where the host offers the stream, absolute; `null`: not offered. */
export interface StreamSource {
  readonly hls: string | null;
  readonly dash: string | null;
  readonly whep: string | null;
}

/** Addresses in the folder `base`; before the host has said anything, HLS lies in its usual place. */
export function sourceOf(urls: Partial<StreamSource>, base: URL): StreamSource {
  const absolute = (url: string | null | undefined) => (url ? new URL(url, base).href : null);
  const hls = urls.hls === undefined ? "index.m3u8" : urls.hls;
  return { hls: absolute(hls), dash: absolute(urls.dash), whep: absolute(urls.whep) };
}

/** A way to view that may be chosen. */
export interface Way {
  readonly id: WayId;
  /** Name for people. */
  readonly label: string;
  /** Whether this browser can do it. */
  supported(): boolean;
  /** The address that it plays; `null`: this stream doesn't offer it. */
  address(source: StreamSource): string | null;
  /** Makes an engine for the address. */
  create(url: string, events: EngineEvents): Engine;
}
