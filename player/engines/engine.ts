// The interface that all playback engines share: one engine plays one protocol into a <video> and reports when it fails.

import type { ViewingProtocol } from "../../protocol/profiles.ts";
import { withViewer } from "../viewer-name.ts";

/** What a viewer can choose from; `native-hls` is HLS played by the browser itself. */
export type PlaybackProtocol = ViewingProtocol | "native-hls";

/** What an engine reports; nothing after `destroy`. The end of the media is reported by the video element. */
export interface EngineEvents {
  /** It can't recover by itself: retry or replace it, or switch to another protocol. */
  readonly onFailed: (failure: EngineFailure) => void;
}

/** Why an engine failed. */
export interface EngineFailure {
  /**
   * `network`: retry later. `media`: replace the engine. `unsupported`: this protocol doesn't work here. `codec`: the same, since
   * this browser has no decoder for the video.
   */
  readonly kind: "network" | "media" | "unsupported" | "codec";
  /** For the console. */
  readonly reason: string;
}

/** Where an engine is, in seconds of the video element's own time. `null`: not known (yet). */
export interface EnginePosition {
  /** End of the newest media. */
  readonly live_edge: number | null;
  /** Target latency: seconds to stay behind the live edge. */
  readonly target: number | null;
  /** Start of the oldest media that can be seeked to. */
  readonly oldest: number | null;
  /** When the frame now shown was captured, ms since 1970 by the host's clock. */
  readonly playing_date: number | null;
  /** ms from capture to display, if the engine measures it itself. */
  readonly latency?: number | null;
  /** bit/s of the media received, audio included. */
  readonly bitrate: number | null;
}

/** The position of an engine that knows nothing yet. */
export const UNKNOWN_POSITION: EnginePosition = {
  live_edge: null,
  target: null,
  oldest: null,
  playing_date: null,
  bitrate: null,
};

/** A rendition of the video that a viewer can choose. */
export interface QualityChoice {
  /** Stays the same while an engine runs. */
  readonly id: string;
  /** px */
  readonly height: number;
}

/** The renditions that an engine has. */
export interface EngineQualities {
  /** Best first; fewer than two: there is nothing to choose. */
  readonly choices: readonly QualityChoice[];
  /** The one that is loaded now; `null`: not known (yet). */
  readonly playing: string | null;
}

/** There is nothing to choose from. */
export const NO_QUALITIES: EngineQualities = { choices: [], playing: null };

/** A running engine. */
export interface Engine {
  /** Whether the player may vary the playback rate to hold the target latency. */
  readonly adjustable_rate: boolean;
  /** Starts loading and playing into the video element. Called once. */
  attach(video: HTMLVideoElement): void;
  /** Where it is now. Called several times a second. */
  position(): EnginePosition;
  /** The renditions to choose from. Called several times a second. Left out: there is one only. */
  qualities?(): EngineQualities;
  /** Plays one of {@link qualities}; `null`: whichever the connection allows. */
  selectQuality?(id: string | null): void;
  /** The picture stands still for want of media: if the line is to blame, the lowest rendition is loaded at once. */
  starved?(): void;
  /**
   * While `true`, called several times a second, it holds its latency by itself, rate included. Left out: latency-controller.ts does.
   */
  follow?(following: boolean): void;
  /** Loads again at once, because the network or the machine is back. */
  retry(): void;
  /** A data channel for what this viewer does with the page; `null`: there is no connection that could have one. Left out: never. */
  inputChannel?(): RTCDataChannel | null;
  /** The stream is over: the rest plays out, nothing more is requested. Left out where the engine notices that itself. */
  finish?(): void;
  /** Stops everything and releases the video element. Idempotent. */
  destroy(): void;
}

/** Where the host offers the stream, as absolute URLs; `null`: not offered. */
export interface StreamSource {
  readonly hls: string | null;
  readonly dash: string | null;
  readonly whep: string | null;
  readonly live: string | null;
}

/** Resolves the host's URLs against `base`. Until the host has answered, HLS is expected at its usual URL. */
export function sourceOf(urls: Partial<StreamSource>, base: URL): StreamSource {
  const absolute = (url: string | null | undefined) => (url ? new URL(url, base).href : null);
  const hls = urls.hls === undefined ? "index.m3u8" : urls.hls;
  const named = (url: string | null | undefined) => (url ? withViewer(url, base).href : null);
  return { hls: absolute(hls), dash: absolute(urls.dash), whep: named(urls.whep), live: named(urls.live) };
}

/** Makes the engines of one protocol. */
export interface EngineFactory {
  readonly protocol: PlaybackProtocol;
  /** Whether this browser can play it. */
  supported(): boolean;
  /** The URL it plays; `null`: the stream isn't offered over this protocol. */
  urlOf(source: StreamSource): string | null;
  /** `steers`: this viewer may take over the page, so what they do there may go by the engine's connection, if it has one. */
  create(url: string, events: EngineEvents, steers?: boolean): Engine;
}
