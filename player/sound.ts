// The sound as the viewer sets it: off at first, since browsers let a page begin by itself only without. Never pauses or plays.

/** Sets the sound of one video element. */
export class Sound {
  readonly #video: HTMLVideoElement;
  readonly #onChange: () => void;
  #touched = false;

  /** `onChange` is called when the viewer has set something. */
  constructor(video: HTMLVideoElement, onChange: () => void) {
    this.#video = video;
    this.#onChange = onChange;
    video.muted = true;
  }

  /** Whether the viewer has touched the sound. */
  get touched(): boolean {
    return this.#touched;
  }

  /** Switches the sound on or off; on is never silent. */
  toggleMuted(): void {
    this.#video.muted = !this.#video.muted;
    if (!this.#video.muted && this.#video.volume === 0) this.#video.volume = 1;
    this.#changed();
  }

  /** Sets the volume, 0 to 1; more than nothing switches the sound on. */
  setVolume(volume: number): void {
    this.#video.volume = Math.min(1, Math.max(0, volume));
    this.#video.muted = this.#video.volume === 0;
    this.#changed();
  }

  /** Makes it louder by `step`, or quieter when negative. */
  changeVolume(step: number): void {
    this.setVolume((this.#video.muted ? 0 : this.#video.volume) + step);
  }

  #changed(): void {
    this.#touched = true;
    this.#onChange();
  }
}
