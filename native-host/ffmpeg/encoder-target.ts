// What an encoder is asked for, and the shape of an entry of the table of encoders. Holds no encoder.
import type { ColourMatrix } from "../../protocol/native-messages.ts";
import type { CODECS } from "../../protocol/options.ts";

/** A video codec of the contract. */
export type Codec = (typeof CODECS)[number];

/** What an encoder is to make of the picture. */
export interface EncodeTarget {
  /** px, even */
  readonly width: number;
  /** px, even */
  readonly height: number;
  /** Frames a second, made even: frames of slower input are repeated. */
  readonly frame_rate: number;
  /** ms of media time */
  readonly keyframe_interval: number;
  /** Cap, bit/s; `null`: no cap, and no loss that a measurement finds. */
  readonly video_bitrate: number | null;
  /** What the pixels are of; they stay so, and what comes out says so. */
  readonly matrix: ColourMatrix;
  /** Cores of this machine: fewer cores, a cheaper search. */
  readonly cores: number;
  /** 2 halves the detail before encoding, for content that even the coarsest quantizer can't bring under the cap. */
  readonly detail_divisor: 1 | 2;
  /** It takes over from a picture that used up the cap: what came before falls into the same 4 s. Left out: it doesn't. */
  readonly takes_over?: boolean;
}

/** How far an encoder may go: what its rate control is told, bit/s and bits. */
export interface RateBudget {
  readonly maxrate: number;
  readonly bufsize: number;
  /** Share of the buffer that is free to be used at the beginning. */
  readonly fullness: number;
}

/** One of FFmpeg's encoders. */
export interface EncoderDefinition {
  /** FFmpeg's name of it. */
  readonly name: string;
  readonly codec: Codec;
  readonly kind: "hardware" | "software";
  /** Where it can exist at all; `null`: everywhere. */
  readonly platforms: readonly NodeJS.Platform[] | null;
  /** Options in front of the input: devices. */
  readonly device: readonly string[];
  /** Last filters of the chain: pixel format, upload. */
  readonly upload: string;
  /**
   * Under a cap its clock goes so many times slower than the media's, and its frame rate and bitrate are as many times higher: for one that
   * measures keyframes by the frame rate. Left out: it goes as the media's.
   */
  readonly clock?: number;
  /** The encoder's own options: speed, rate control, structure. `clock`: how many times slower its clock goes; left out: 1. */
  readonly options: (target: EncodeTarget, clock?: number) => string[];
}

/** Share of the cap that an encoder aims at, and s of it that its buffer holds: 4 s windows stay under cap +8 %. */
const MAXRATE_SHARE = 0.92;
const BUFFER_SECONDS = 0.75;
/** Fullness of the buffer at the beginning: of a stream, and of an encoder that takes over. */
const FULLNESS = 0.9;
const FULLNESS_TAKING_OVER = 0.35;

/** The budget that holds a cap: `4 × 0.92 + 0.75 × 0.92 ≤ 4.4` for any four seconds, with room for MP4's boxes. */
export function rateBudget(cap: number, takes_over = false): RateBudget {
  const maxrate = Math.floor(cap * MAXRATE_SHARE);
  const fullness = takes_over ? FULLNESS_TAKING_OVER : FULLNESS;
  return { maxrate, bufsize: Math.floor(maxrate * BUFFER_SECONDS), fullness };
}
