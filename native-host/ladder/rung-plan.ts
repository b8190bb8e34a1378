// Which rungs a source has: their size and bitrate, from the source's own size and its profile.
import type { Profile } from "../../protocol/profiles.ts";
import type { InitSegment } from "../media/init-segment.ts";
import type { Rendition } from "../media/rendition.ts";

/** Lines that a rung has at most, and of those of its source. */
const SIZES = [
  { lines: 540, share: 3 / 4 },
  { lines: 270, share: 1 / 2 },
] as const;
/** Shares of the profile's bitrate, of the first rung and of the second. */
const BITRATES = [1 / 3, 1 / 10] as const;
/** Fewer lines show nothing that anybody could read. */
const LEAST_LINES = 80;

const even = (pixels: number) => Math.max(2, Math.round(pixels / 2) * 2);

/**
 * The rungs of a source, the best first: those that are below the profile's own box. Without a cap (`lossless`): none. `began`: the profile
 * that the stream began with, if its quality was changed: it has as many rungs as then, since somebody may be reading them.
 */
export function rungsOf({ rendition, width, height }: InitSegment, profile: Profile, began = profile): Rendition[] {
  const { video_bitrate } = profile;
  if (video_bitrate === null || height === 0) return [];
  const sizes = SIZES.filter(({ lines }) => lines < (began.max_height ?? Number.POSITIVE_INFINITY));
  return sizes
    .map(({ lines, share }, index) => {
      const rows = even(Math.min(lines, height * share));
      return {
        ...({ id: `rung${index + 1}`, type: "video", group: rendition.group, codec: rendition.codec } as const),
        ...{ width: even((width * rows) / height), height: rows },
        bitrate: Math.round(video_bitrate * (BITRATES[index] ?? 0)),
      };
    })
    .filter((rung) => rung.height >= LEAST_LINES);
}
