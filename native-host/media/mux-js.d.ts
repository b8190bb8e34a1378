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
