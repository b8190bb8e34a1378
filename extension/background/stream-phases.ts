// The one state machine of a stream in the extension: its phases, and which may follow which.
// Never does anything when a phase changes (streams.ts does).
import { FlyBrowserError } from "../../protocol/errors.ts";

/** Phases of a tab's stream. `idle`: there is none. */
export const PHASES = ["idle", "starting", "live", "recovering", "stopping"] as const;
/** A phase. */
export type Phase = (typeof PHASES)[number];

const NEXT: Record<Phase, readonly Phase[]> = {
  idle: ["starting"],
  // Any failure undoes the start.
  starting: ["live", "stopping", "idle"],
  live: ["recovering", "stopping"],
  // A service worker that was restarted finds `recovering` in its storage and recovers again.
  recovering: ["live", "recovering", "stopping"],
  stopping: ["idle"],
};

/** Whether `to` may follow `from`. */
export function mayFollow(from: Phase, to: Phase): boolean {
  return NEXT[from].includes(to);
}

/**
 * Gives `to`, when it may follow.
 * @throws FlyBrowserError `internal`: a defect of ours.
 */
export function nextPhase(from: Phase, to: Phase): Phase {
  if (!mayFollow(from, to)) throw new FlyBrowserError("internal", { reason: `a stream went from ${from} to ${to}` });
  return to;
}
