// One simulated viewer of static files: whenever the stream would have announced a part, it fetches the playlist and that part,
// so that nginx serves the same requests with the same bytes.
import { sleep } from "../../protocol/async.ts";
import type { Connection } from "./connection.ts";
import type { Ledger } from "./ledger.ts";
import type { SnapshotRendition, StreamSnapshot } from "./snapshot.ts";
import type { Tally } from "./viewer.ts";

/** Plays `rendition` over and over from `start` until `until` (ms, performance.now()), all viewers in step. */
export async function replay(
  snapshot: StreamSnapshot,
  rendition: SnapshotRendition,
  connection: Connection,
  ledger: Ledger,
  tally: Tally,
  clock: { start: number; countFrom: number; until: number },
): Promise<void> {
  const get = async (path: string) => {
    tally.requests++;
    const { status } = await connection.get(path);
    if (status !== 200) throw new Error(`${status} for ${path}`);
  };
  let due = clock.start;
  for (let step = 0; due < clock.until; step++) {
    const part = rendition.parts[step % rendition.parts.length];
    if (!part) return;
    due += part.duration * 1000;
    const wait = due - performance.now();
    if (wait > 0) await sleep(wait);
    const key = `${part.path} ${step}`;
    const counts = due >= clock.countFrom && due < clock.until;
    try {
      if (counts) ledger.announce(rendition.playlist, key, part.duration, due);
      await get(rendition.playlist);
      await get(part.path);
      if (counts) ledger.arrive(key, { ...snapshot, duration: part.duration }, performance.now());
    } catch (error) {
      if (counts) ledger.lose();
      tally.errors++;
      tally.error ??= error instanceof Error ? error.message : String(error);
      return;
    }
  }
}
