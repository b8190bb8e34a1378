// The gauges: what the viewer gets, in figures, and how old it is by the host's clock. Reads the video element, never changes it.
import type { EnginePosition } from "./engines/engine.ts";
import { type ClockSample, HostClock, latencyOf, Median } from "./latency.ts";
import { type Measurement, Meter } from "./meter.ts";
import type { Figures } from "./snapshot.ts";

/** Keeps the figures of one video element. */
export class Gauges {
  readonly #video: HTMLVideoElement;
  readonly #meter: Meter;
  readonly #clock = new HostClock();
  readonly #latencies = new Median(5);
  #measured: Measurement = { advanced: false, frame_rate: null, dropped_frames: null, buffered: 0 };
  #latency: number | null = null;

  constructor(video: HTMLVideoElement) {
    this.#video = video;
    this.#meter = new Meter(video);
  }

  /** The host has told its time. */
  setClock(sample: ClockSample): void {
    this.#clock.add(sample);
  }

  /** The host's time, ms since 1970, when this machine's clock shows `now`. */
  hostTime(now: number): number {
    return this.#clock.at(now);
  }

  /** Looks at the pictures, several times a second; `now` in ms, `hidden` when nobody can see them. */
  look(now: number, hidden: boolean): Measurement {
    this.#measured = this.#meter.look(now, hidden);
    return this.#measured;
  }

  /** Takes the age of the picture shown at `now`, ms; `null`: pictures stand still, which says nothing of latency. */
  takeLatency(position: EnginePosition | null, now: number): void {
    const { latency, playing_date } = position ?? { playing_date: null };
    this.#latency = this.#latencies.add(latency ?? latencyOf(playing_date, this.hostTime(now)));
  }

  /** The figures of now. `held`: the viewer holds the picture; `started`: an engine is at work. */
  figures({ target, bitrate }: EnginePosition, { held, started }: { held: boolean; started: boolean }): Figures {
    const { videoWidth, videoHeight, playbackRate } = this.#video;
    const { frame_rate, dropped_frames, buffered } = this.#measured;
    return {
      latency: this.#latency,
      target,
      width: videoWidth || null,
      height: videoHeight || null,
      frame_rate: held ? null : frame_rate,
      bitrate,
      dropped_frames,
      buffered: started ? buffered : null,
      rate: playbackRate,
    };
  }
}
