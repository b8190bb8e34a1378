// Types of the part of mux.js' public tools (`mp4.tools` in its README) that is used here; it ships none.

declare module "mux.js/lib/tools/mp4-inspector.js" {
  interface TrunSample {
    duration?: number;
    size?: number;
    flags?: { isNonSyncSample: number };
    compositionTimeOffset?: number;
  }
  const inspector: {
    /** Payloads of the boxes at the end of `path`, as views. */
    findBox(data: Uint8Array, path: readonly string[]): Uint8Array[];
    parseTfhd(payload: Uint8Array): {
      trackId: number;
      defaultSampleDuration?: number;
      defaultSampleSize?: number;
      defaultSampleFlags?: number;
    };
    parseTfdt(payload: Uint8Array): { version: number; baseMediaDecodeTime: number | bigint };
    parseTrun(payload: Uint8Array): { dataOffset?: number; samples: TrunSample[] };
  };
  export default inspector;
}

declare module "mux.js/lib/codecs/h264.js" {
  /** Reads NAL units in the byte stream format (H.264, annex B). */
  class H264Stream {
    on(event: "data", listener: (unit: { config?: { width: number; height: number } }) => void): void;
    push(packet: { type: "video"; trackId: number; pts: number; dts: number; data: Uint8Array }): void;
    flush(): void;
  }
  const h264: { H264Stream: typeof H264Stream };
  export default h264;
}

declare module "mux.js/lib/mp4/mp4-generator.js" {
  interface Track {
    type: "audio";
    id: number;
    /** Ticks of the track. */
    baseMediaDecodeTime: number;
    samples: { duration: number; size: number }[];
  }
  const generator: {
    moof(sequence: number, tracks: Track[]): Uint8Array;
    mdat(data: Uint8Array): Uint8Array;
  };
  export default generator;
}

declare module "mux.js/lib/data/silence.js" {
  /** A frame of silence (AAC-LC, stereo) by its samples a second. */
  function silence(): Record<number, Uint8Array | undefined>;
  export default silence;
}
