// A quiet melody with a tick on every full second of the clock, by which the audio delay can be heard and measured. Notes are
// scheduled a little ahead on the audio clock.

/** How far ahead notes are scheduled, ms, and how often. */
const AHEAD = 400;
const EVERY = 100;
/** ms between two notes. */
const BEAT = 500;
/** A falling and rising pentatonic pattern, Hz. */
const NOTES: readonly number[] = [440, 329.63, 392, 261.63, 293.66, 392, 329.63, 220];
/** The tick, Hz, and its length, s. */
const TICK_PITCH = 1_000;
const TICK_LENGTH = 0.05;

/** State of the sound. `blocked`: the browser requires a click first. */
export type SoundState = "starting" | "on" | "blocked";

/** Plays the pattern until closed. */
export class Sound {
  readonly #context = new AudioContext({ latencyHint: "interactive" });
  readonly #out: GainNode;
  readonly #timer: ReturnType<typeof setInterval>;
  readonly #opened = performance.now();
  #scheduled: number;

  constructor() {
    this.#out = this.#context.createGain();
    this.#out.gain.value = 0.5;
    this.#out.connect(this.#context.destination);
    this.#scheduled = Math.ceil(Date.now() / BEAT) * BEAT;
    this.#timer = setInterval(() => this.#schedule(), EVERY);
  }

  /** What it is doing now. */
  get state(): SoundState {
    if (this.#context.state === "running") return "on";
    return performance.now() - this.#opened < 1_000 ? "starting" : "blocked";
  }

  /** Starts after a click. */
  async resume(): Promise<void> {
    await this.#context.resume();
  }

  /** Ends it. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#context.close();
  }

  #schedule(): void {
    const now = Date.now();
    if (this.#context.state !== "running") {
      this.#scheduled = Math.ceil(now / BEAT) * BEAT;
      return;
    }
    // A page that was asleep doesn't make up for what it missed.
    if (this.#scheduled < now) this.#scheduled = Math.ceil(now / BEAT) * BEAT;
    for (; this.#scheduled < now + AHEAD; this.#scheduled += BEAT) {
      const at = this.#context.currentTime + (this.#scheduled - now) / 1000;
      const beat = Math.round(this.#scheduled / BEAT);
      const note = NOTES[beat % NOTES.length] ?? 440;
      this.#note("triangle", note, at, 0.9, 0.22);
      if (this.#scheduled % 1000 === 0) this.#note("sine", TICK_PITCH, at, TICK_LENGTH, 0.45);
    }
  }

  #note(type: OscillatorType, pitch: number, at: number, length: number, loudness: number): void {
    const oscillator = this.#context.createOscillator();
    const envelope = this.#context.createGain();
    oscillator.type = type;
    oscillator.frequency.value = pitch;
    envelope.gain.setValueAtTime(0, at);
    envelope.gain.linearRampToValueAtTime(loudness, at + 0.004);
    envelope.gain.exponentialRampToValueAtTime(0.001, at + length);
    oscillator.connect(envelope).connect(this.#out);
    oscillator.start(at);
    oscillator.stop(at + length + 0.02);
    oscillator.onended = () => envelope.disconnect();
  }
}
