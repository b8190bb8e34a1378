// Holds the target latency of a viewer who follows the live edge: by small changes of the playback rate, and from far away
// by a seek. Behind the live edge the rate is the one that the viewer has chosen. The same for all engines.
import { rateChangesStall } from "./browser.ts";
import type { EngineSwitcher } from "./engine-switcher.ts";
import { isOver, type PlaybackState, shouldSeekToLive } from "./state-machine.ts";

/** ms between two seeks to the live edge: one must have had time to succeed. */
const SEEK_INTERVAL = 6_000;
/**
 * ms for which a viewer who is far behind waits until the place to seek to is loaded. A host that was held up gives all that was missed at
 * once, in order; a seek past it drops what is under way, and begins with nothing ahead.
 */
const LOADED_WITHIN = 3_000;
/** s that may be missing of the way to that place: the playback rate makes up for it. */
const NEARLY = 1;

/** Controls the playback rate of one video element. */
export class LatencyController {
  readonly #video: HTMLVideoElement;
  readonly #engines: EngineSwitcher;
  readonly #steady: boolean;
  #seekedAt = Number.NEGATIVE_INFINITY;
  /** Since when a viewer who follows is far behind; `null`: none is. */
  #farSince: number | null = null;

  /** `steady`: the latency is held by seeks alone. */
  constructor(video: HTMLVideoElement, engines: EngineSwitcher, steady: boolean = rateChangesStall()) {
    this.#video = video;
    this.#engines = engines;
    this.#steady = steady;
  }

  /** Called several times a second; `buffered`: s of media ahead, `now` in ms. */
  tick(state: PlaybackState, buffered: number, now: number): void {
    const { following, paused, behind, target, speed } = state;
    const follows = following && !paused && !isOver(state);
    if (this.#engines.follow(follows) && follows) return;
    const active = follows && this.#engines.adjustableRate && behind > 0;
    // A position that isn't reached yet is no place to be late at.
    if (active && this.#video.seeking) return;
    const far = active && shouldSeekToLive(state) && now - this.#seekedAt > SEEK_INTERVAL;
    if (!far) this.#farSince = null;
    else {
      this.#farSince ??= now;
      const way = Math.min(behind - target, buffered - LOW_BUFFER);
      if (way > behind - target - NEARLY) this.#seek(this.#video.currentTime + way, now);
      else if (this.#isGone(buffered) || now - this.#farSince > LOADED_WITHIN) this.seekToLive(target, now);
      if (this.#seekedAt === now) return;
    }
    const chosen = !following && this.#engines.adjustableRate ? speed : 1;
    const rate =
      active && !this.#steady ? playbackRate({ behind, target, buffered, rate: this.#video.playbackRate }) : chosen;
    if (rate !== this.#video.playbackRate) this.#video.playbackRate = rate;
  }

  /** Seeks to the live edge less the engine's target latency, or `target` s where the engine has none. */
  seekToLive(target: number, now: number): void {
    const position = this.#engines.position();
    if (position.live_edge !== null) this.#seek(position.live_edge - (position.target ?? target), now);
  }

  /** Whether what comes next can't be had any more, so that nothing will be loaded here: another host has the stream, and begins later. */
  #isGone(buffered: number): boolean {
    const { oldest } = this.#engines.position();
    return oldest !== null && this.#video.currentTime + buffered < oldest;
  }

  #seek(to: number, now: number): void {
    this.#seekedAt = now;
    this.#farSince = null;
    this.#video.currentTime = to;
  }
}

/** What {@link playbackRate} goes by. */
export interface RateInput {
  /** s behind the live edge, now and as it should be. */
  readonly behind: number;
  readonly target: number;
  /** s of media ahead of the playback position. */
  readonly buffered: number;
  /** The playback rate now. */
  readonly rate: number;
}

/** Limits of {@link playbackRate}: changes of speed that aren't heard in speech. */
export const MAX_RATE = 1.12;
export const MIN_RATE = 0.94;
/** s off the target at which a correction starts, and at which it stops. */
const START = 0.12;
const STOP = 0.03;
/** s of buffer below which playback isn't sped up, and below which it is slowed down: better slow than stalled. */
const LOW_BUFFER = 0.25;
const EMPTY_BUFFER = 0.1;
/** Share of the target latency at most that has to be buffered for playback to be sped up: near the edge there is never more. */
const ENOUGH = 0.6;
/** Share of the target latency that must be buffered for a position closer to the edge to be left alone. */
const COMFORTABLE = 0.6;

/**
 * The playback rate that brings `behind` to `target`: 1 when close enough, otherwise a little more or less, in steps of 0.01.
 * A correction starts further from the target than it stops, so that the rate doesn't flutter.
 */
export function playbackRate({ behind, target, buffered, rate }: RateInput): number {
  const error = behind - target;
  if (buffered < EMPTY_BUFFER && error < 1) return MIN_RATE;
  const correcting = rate !== 1;
  if (Math.abs(error) < (correcting ? STOP : START)) return 1;
  // A correction that has crossed the target is complete.
  if (correcting && Math.sign(error) !== Math.sign(rate - 1)) return 1;
  if (error > 0 && buffered < Math.min(LOW_BUFFER, target * ENOUGH)) return 1;
  // Closer than the target is fine while enough is buffered.
  if (error < 0 && buffered > target * COMFORTABLE) return 1;
  const wanted = 1 + error * 0.2;
  return Math.round(Math.min(MAX_RATE, Math.max(MIN_RATE, wanted + Math.sign(error) * 0.01)) * 100) / 100;
}
