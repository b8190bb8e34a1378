// Keeps a viewer who follows the live edge near it: by a little speed, and from far by a jump. For every engine
// alike; never decides whether the viewer follows.
import type { EngineKeeper } from "./engine-keeper.ts";
import { syncRate } from "./latency.ts";
import { isOver, type PlaybackState, shouldJump } from "./state-machine.ts";

/** ms between two jumps to the edge: one must have had the time to succeed. */
const JUMP_PAUSE = 6_000;

/** Steers one video element. */
export class LiveSync {
  readonly #video: HTMLVideoElement;
  readonly #keeper: EngineKeeper;
  #jumpedAt = Number.NEGATIVE_INFINITY;

  constructor(video: HTMLVideoElement, keeper: EngineKeeper) {
    this.#video = video;
    this.#keeper = keeper;
  }

  /** Called several times a second; `buffered`: seconds that lie ready, `now` in ms. */
  tick(state: PlaybackState, buffered: number, now: number): void {
    const { following, held, behind, target } = state;
    const steer = following && !held && !isOver(state) && this.#keeper.keepsTarget && behind > 0;
    if (steer && shouldJump(state) && now - this.#jumpedAt > JUMP_PAUSE) {
      this.jump(target, now);
      return;
    }
    const rate = steer ? syncRate({ behind, target, buffered, rate: this.#video.playbackRate }) : 1;
    if (rate !== this.#video.playbackRate) this.#video.playbackRate = rate;
  }

  /** Goes to the edge, `target` seconds before it unless the engine knows better. */
  jump(target: number, now: number): void {
    const position = this.#keeper.position();
    if (position.live_edge === null) return;
    this.#jumpedAt = now;
    this.#video.currentTime = position.live_edge - (position.target ?? target);
  }
}
