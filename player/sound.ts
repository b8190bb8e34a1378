// Mute and volume. Muted at first: browsers let a page start playback by itself only without sound.

/** ms from an unmuting to the pauses that a browser makes of it. */
const BY_ITSELF = 1_000;

/** The sound of one video element. */
export class Sound {
  readonly #video: HTMLVideoElement;
  readonly #onChange: () => void;
  #touched = false;
  #unmutedAt = Number.NEGATIVE_INFINITY;

  /** `onChange` is called when the viewer has changed something. */
  constructor(video: HTMLVideoElement, onChange: () => void) {
    this.#video = video;
    this.#onChange = onChange;
    video.muted = true;
    video.addEventListener("volumechange", () => {
      if (!video.muted && !this.#touched) this.#unmutedAt = performance.now();
    });
  }

  /**
   * Whether the browser has just unmuted by itself; then it is muted again. WebKitGTK (seen in 2.50) takes the state of its new sound
   * output, after a seek, for the viewer's wish, and pauses then, since nobody may be played sound unasked.
   */
  muteAgain(): boolean {
    if (this.#touched || performance.now() - this.#unmutedAt > BY_ITSELF) return false;
    this.#video.muted = true;
    return true;
  }

  /** Whether the viewer has muted, unmuted or set the volume. */
  get touched(): boolean {
    return this.#touched;
  }

  /** Mutes or unmutes; unmuting at volume 0 turns it up. */
  toggleMuted(): void {
    this.#video.muted = !this.#video.muted;
    if (!this.#video.muted && this.#video.volume === 0) this.#video.volume = 1;
    this.#changed();
  }

  /** Sets the volume, 0 to 1, and unmutes unless it is 0. */
  setVolume(volume: number): void {
    this.#video.volume = Math.min(1, Math.max(0, volume));
    this.#video.muted = this.#video.volume === 0;
    this.#changed();
  }

  /** Changes the volume by `step`, which may be negative. */
  changeVolume(step: number): void {
    this.setVolume((this.#video.muted ? 0 : this.#video.volume) + step);
  }

  #changed(): void {
    this.#touched = true;
    this.#onChange();
  }
}
