// What a service worker that was just started finds of the last one: captures that go on and are wanted, and those that are over.
// Never brings one back, and never lets one go.

import { unseen } from "./stream-publishing.ts";
import type { StreamRecord } from "./stream-record.ts";
import type { StreamParts } from "./streams.ts";

/** What an earlier service worker left. */
export interface LeftBehind {
  /** To be recovered. */
  readonly wanted: readonly StreamRecord[];
  /** To be let go of. */
  readonly over: readonly StreamRecord[];
}

/** Takes in what an earlier service worker left, and says what is to become of it. */
export async function leftBehind({ captured, offscreen }: StreamParts): Promise<LeftBehind> {
  const records = await captured.restore();
  if (records.length === 0) return { wanted: [], over: [] };
  const alive = (await offscreen.exists()) ? await offscreen.call("listCaptures", {}).catch(() => []) : [];
  for (const record of records) {
    // A step that was under way is lost with who took it.
    if (record.recording_id === null) record.recorded = false;
    if (record.stream !== "live" && record.recorded) unseen(record);
  }
  const wanted = records.filter((record) => goesOn(record, alive));
  return { wanted, over: records.filter((record) => !wanted.includes(record)) };
}

function goesOn({ identity, phase, stream, recorded }: StreamRecord, alive: readonly string[]): boolean {
  const needed = recorded || stream === "live";
  return (
    identity !== null && alive.includes(identity.stream_id) && needed && (phase === "live" || phase === "recovering")
  );
}
