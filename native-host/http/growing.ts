// The bytes of a segment that is still being made: its parts as they come. Never holds more than the segment does.

import type { TrackKind } from "../media/track-kind.ts";
import type { Segment } from "../packager/segment.ts";
import type { Waits } from "./waits.ts";

/**
 * The parts of a segment, each as soon as it is whole, until the segment is. `timeout`: ms that one part may take.
 * @throws Error when it takes longer: whoever reads must not take what came for all of it
 */
export async function* grow(
  kind: TrackKind,
  segment: Segment,
  waits: Waits,
  timeout: number,
): AsyncGenerator<Uint8Array, void, void> {
  for (let sent = 0; ; ) {
    const part = segment.parts[sent];
    if (part) {
      sent++;
      yield part.data;
      continue;
    }
    if (segment.complete) return;
    const next = sent;
    const come = () => segment.parts.length > next || segment.complete;
    if (!(await waits.until(`${kind} ${segment.msn} grows past ${next}`, come, timeout)))
      throw new Error("the segment stopped growing");
  }
}
