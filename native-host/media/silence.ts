// Silence as AAC: for players that can't do without a segment.
import silence from "mux.js/lib/data/silence.js";
import generator from "mux.js/lib/mp4/mp4-generator.js";
import type { InitSegment } from "./init-segment.ts";
import { boxAt } from "./mp4.ts";

/** Samples of an AAC frame. */
const FRAME = 1_024;

/** A fragment (moof, mdat) of silence from `start`, ms: whole frames, in `duration` ms but one at least. Nothing where the track isn't AAC. */
export function silentFragment(init: InitSegment, start: number, duration: number): readonly Uint8Array[] {
  const frame = silence()[init.sample_rate];
  if (!frame || init.rendition.codec !== "aac") return [];
  const ticks = Math.round((FRAME * init.timescale) / init.sample_rate);
  const count = Math.max(1, Math.floor((duration * init.timescale) / 1000 / ticks));
  const id = boxAt(init.data, "moov", "mvex", "trex").readUInt32BE(4);
  const samples = Array.from({ length: count }, () => ({ duration: ticks, size: frame.length }));
  const baseMediaDecodeTime = Math.round((start * init.timescale) / 1000);
  const moof = generator.moof(0, [{ type: "audio", id, baseMediaDecodeTime, samples }]);
  return [Buffer.concat([moof, generator.mdat(Buffer.concat(samples.map(() => frame)))])];
}
