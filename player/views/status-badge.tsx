// The one word for how the stream is doing, with its colour. Told to screen readers when it changes.
import type { Phase } from "../state-machine.ts";
import { PHASE_LABEL } from "../wording.ts";

/** The badge. */
export function StatusBadge({ phase }: { phase: Phase }) {
  return (
    <span class="badge" data-phase={phase} role="status">
      <span class="dot" aria-hidden="true" />
      {PHASE_LABEL[phase]}
    </span>
  );
}
