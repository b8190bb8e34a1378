// Types of the parts of mux.js that the packager uses; mux.js ships none.

declare module "mux.js/lib/mp4/probe.js" {
  const probe: {
    /** Payloads of the boxes at the end of `path`, as views. */
    findBox(data: Uint8Array, path: readonly string[]): Uint8Array[];
    /** Timescale by track id; `null` for a malformed init segment. */
    timescale(init: Uint8Array): Record<number, number> | null;
    tracks(init: Uint8Array): { id?: number; type?: string; codec?: string; timescale?: number }[];
  };
  export default probe;
}

declare module "mux.js/lib/tools/parse-tfhd.js" {
  const parseTfhd: (payload: Uint8Array) => {
    trackId: number;
    defaultSampleDuration?: number;
    defaultSampleSize?: number;
    defaultSampleFlags?: number;
  };
  export default parseTfhd;
}

declare module "mux.js/lib/tools/parse-tfdt.js" {
  const parseTfdt: (payload: Uint8Array) => { version: number; baseMediaDecodeTime: number | bigint };
  export default parseTfdt;
}

declare module "mux.js/lib/tools/parse-trun.js" {
  const parseTrun: (payload: Uint8Array) => {
    samples: {
      duration?: number;
      size?: number;
      flags?: { isNonSyncSample: number };
      compositionTimeOffset?: number;
    }[];
  };
  export default parseTrun;
}
