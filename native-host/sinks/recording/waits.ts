// The waits of recordings, each with an end: for work that may take longer, and for a host that is being replaced.
// Never ends what is waited for.
import { setTimeout as sleep } from "node:timers/promises";
import { readRecording, type StoredRecording } from "../../../protocol/node/recording-files.ts";

/** ms in which a host that is being replaced must have let go of its recordings. */
export const LET_GO_WITHIN = 4_000;
/** ms between two looks at whether it has. */
const LOOK_AGAIN = 100;

/** Waits for `work`, `within` ms at most. */
export async function before(work: Promise<unknown>, within: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, within);
  });
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** Waits until the host that recorded it has let it go, `within` ms at most; gives what it is then, `null`: nothing. */
export async function letGo(folder: string, within: number = LET_GO_WITHIN): Promise<StoredRecording | null> {
  const deadline = Date.now() + within;
  for (;;) {
    const stored = readRecording(folder);
    const isHeld = stored?.alive === true && stored.journal.status === "recording";
    if (!isHeld || Date.now() >= deadline) return stored;
    await sleep(LOOK_AGAIN);
  }
}
