// The newest keyframe of a stream's video, as a file that decodes by itself: the init segment and the part that begins with it.
import type { Packager } from "./packager.ts";

/** A keyframe. */
export interface Keyframe {
  /** Names it within the stream. */
  readonly id: string;
  readonly data: readonly Uint8Array[];
}

/** The newest one; `null`: there is none yet. */
export function newestKeyframe({ main }: Packager): Keyframe | null {
  const segment = main?.segments.findLast(({ parts, gap }) => parts[0]?.independent && !gap);
  const init = segment && main?.initOf(segment.run);
  const [part] = segment?.parts ?? [];
  return segment && init && part ? { id: `${segment.run}-${segment.msn}`, data: [init.data, part.data] } : null;
}
