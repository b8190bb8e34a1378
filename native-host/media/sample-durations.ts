// Where a fragment says how long its samples last, and how to say less: FFmpeg lets the last frame before a gap last until the end
// of the gap.
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

function limit(view: DataView, at: number, longest: number): void {
  if (view.getUint32(at) > longest) view.setUint32(at, longest);
}

/** Makes no sample of a moof longer than `longest` ticks, in place. */
export function limitDurations(moof: Uint8Array, longest: number): void {
  const views = (type: string) =>
    inspector
      .findBox(moof, ["moof", "traf", type])
      .map((box) => new DataView(box.buffer, box.byteOffset, box.byteLength));
  for (const tfhd of views("tfhd")) {
    const flags = tfhd.getUint32(0) & 0xffffff;
    if (!(flags & TFHD.default_sample_duration)) continue;
    const before = (flags & TFHD.base_data_offset ? 8 : 0) + (flags & TFHD.sample_description_index ? 4 : 0);
    limit(tfhd, 8 + before, longest);
  }
  for (const trun of views("trun")) {
    const flags = trun.getUint32(0) & 0xffffff;
    if (!(flags & TRUN.duration)) continue;
    const before = (flags & TRUN.data_offset ? 4 : 0) + (flags & TRUN.first_sample_flags ? 4 : 0);
    const fields = [TRUN.duration, TRUN.size, TRUN.flags, TRUN.composition].filter((flag) => flags & flag).length;
    const count = trun.getUint32(4);
    for (let sample = 0; sample < count; sample++) limit(trun, 8 + before + sample * fields * 4, longest);
  }
}
