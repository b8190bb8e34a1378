// Where a fragment says when it begins and how long its samples last, and how to say something else: FFmpeg lets the last frame
// before a gap last until the end of the gap.
import inspector from "mux.js/lib/tools/mp4-inspector.js";

/** Flags of tfhd and trun, ISO 14496-12, 8.8.7 and 8.8.8, and the bytes of the fields that they announce. */
const TFHD = { base_data_offset: 0x1, sample_description_index: 0x2, default_sample_duration: 0x8 } as const;
const TRUN = {
  data_offset: 0x1,
  first_sample_flags: 0x4,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  composition: 0x800,
};

function views(moof: Uint8Array, type: string): DataView[] {
  return inspector
    .findBox(moof, ["moof", "traf", type])
    .map((box) => new DataView(box.buffer, box.byteOffset, box.byteLength));
}

/** Makes no sample of a moof longer than `longest` ticks, in place. */
export function limitDurations(moof: Uint8Array, longest: number): void {
  mapDurations(moof, (duration) => Math.min(duration, longest));
}

/**
 * Makes no sample of a moof shorter than `least` ticks, in place, and the last one as long as `last`; left out: the fragment lasts as
 * long as before. What is added is taken from its neighbours. Samples that share one duration can only be given a share each of
 * `last`. Gives whether anything was changed.
 */
export function raiseDurations(moof: Uint8Array, least: number, last?: number): boolean {
  const truns = views(moof, "trun");
  const own = truns.filter((trun) => trun.getUint32(0) & TRUN.duration).length;
  if (own === 0) {
    const samples = truns.reduce((sum, trun) => sum + trun.getUint32(4), 0);
    if (last === undefined || samples === 0) return false;
    mapDefault(moof, () => Math.max(1, Math.floor(last / samples)));
    return true;
  }
  if (own < truns.length) return false;
  const before: number[] = [];
  mapSamples(moof, (duration) => {
    before.push(duration);
    return duration;
  });
  const after = spreadDurations(before, least);
  if (last !== undefined) after[after.length - 1] = last;
  let at = 0;
  mapSamples(moof, () => after[at++] as number);
  return after.some((duration, index) => duration !== before[index]);
}

/** Durations of the same sum with none below `least`, each sample as near to its time as that allows; as they are where the sum is too small. */
export function spreadDurations(durations: readonly number[], least: number): number[] {
  const end = durations.reduce((sum, duration) => sum + duration, 0);
  const count = durations.length;
  if (end < count * least) return [...durations];
  const starts: number[] = [];
  let own = 0;
  for (const [index, duration] of durations.entries()) {
    const earliest = index === 0 ? 0 : (starts[index - 1] as number) + least;
    starts.push(Math.min(Math.max(own, earliest), end - (count - index) * least));
    own += duration;
  }
  return starts.map((start, index) => (starts[index + 1] ?? end) - start);
}

/** Makes the moof begin at `start`, and each of its samples last `duration`, in ticks, in place. */
export function setTimes(moof: Uint8Array, start: number, duration: number): void {
  for (const tfdt of views(moof, "tfdt")) {
    if (tfdt.getUint8(0) === 1) tfdt.setBigInt64(4, BigInt(start));
    else tfdt.setUint32(4, start);
  }
  mapDurations(moof, () => duration);
}

/** The same fragments, each of them so many ticks earlier. A copy. */
export function earlier(fragments: Uint8Array, ticks: number): Uint8Array {
  const copy = Uint8Array.from(fragments);
  for (const tfdt of views(copy, "tfdt")) {
    if (tfdt.getUint8(0) === 1) tfdt.setBigInt64(4, tfdt.getBigInt64(4) - BigInt(ticks));
    else tfdt.setUint32(4, tfdt.getUint32(4) - ticks);
  }
  return copy;
}

function mapDurations(moof: Uint8Array, map: (duration: number) => number): void {
  mapDefault(moof, map);
  mapSamples(moof, map);
}

function change(view: DataView, at: number, map: (duration: number) => number): void {
  view.setUint32(at, map(view.getUint32(at)));
}

/** The duration of those samples that have none of their own. */
function mapDefault(moof: Uint8Array, map: (duration: number) => number): void {
  for (const tfhd of views(moof, "tfhd")) {
    const flags = tfhd.getUint32(0) & 0xffffff;
    if (!(flags & TFHD.default_sample_duration)) continue;
    const before = (flags & TFHD.base_data_offset ? 8 : 0) + (flags & TFHD.sample_description_index ? 4 : 0);
    change(tfhd, 8 + before, map);
  }
}

function mapSamples(moof: Uint8Array, map: (duration: number) => number): void {
  for (const trun of views(moof, "trun")) {
    const flags = trun.getUint32(0) & 0xffffff;
    if (!(flags & TRUN.duration)) continue;
    const before = (flags & TRUN.data_offset ? 4 : 0) + (flags & TRUN.first_sample_flags ? 4 : 0);
    const fields = [TRUN.duration, TRUN.size, TRUN.flags, TRUN.composition].filter((flag) => flags & flag).length;
    const count = trun.getUint32(4);
    for (let sample = 0; sample < count; sample++) change(trun, 8 + before + sample * fields * 4, map);
  }
}
