// How FFmpeg is told of which matrix the pixels are: for what it encodes, and for what it copies.
import type { ColourMatrix } from "../../protocol/native-messages.ts";
import type { Codec } from "./encoder-target.ts";

/** FFmpeg's words for one matrix. */
interface ColourWords {
  /** For `in_color_matrix` and `out_color_matrix` of the filter `scale`. */
  readonly scale_matrix: string;
  /** Output options: for an encoder's bitstream, and for `colr` and `vpcC` of MP4. */
  readonly label: readonly string[];
  /** Bitstream filters that put it into what is copied; `null`: its label is right. */
  readonly filters: Readonly<Partial<Record<Codec, string>>> | null;
}

const label = (matrix: string) => [
  ...["-color_range", "tv", "-colorspace", matrix],
  ...["-color_primaries", "bt709", "-color_trc", "bt709"],
];

/** By matrix. BT.601's is number 6 of ITU-T H.273, "smpte170m"; VP9 has a number of its own for it. */
export const COLOURS: Readonly<Record<ColourMatrix, ColourWords>> = {
  bt709: { scale_matrix: "bt709", label: label("bt709"), filters: null },
  bt601: {
    scale_matrix: "bt601",
    label: label("smpte170m"),
    filters: { h264: "h264_metadata=matrix_coefficients=6", vp9: "vp9_metadata=color_space=smpte170" },
  },
};

/** Output options with which copied video says what it is; none where it does. */
export function copiedColours(codec: Codec, matrix: ColourMatrix): readonly string[] {
  const { filters, label: labels } = COLOURS[matrix];
  const filter = filters?.[codec];
  return filter === undefined ? [] : ["-bsf:v", filter, ...labels];
}
