// Waits, after the end of a stream, for the recording that its owner offers: its file is made only then.
import * as v from "valibot";
import { sleep } from "../protocol/async.ts";
import { PlayerStateSchema } from "../protocol/player-messages.ts";

/** ms between two looks, and for each. */
const EVERY = 3_000;
const WITHIN = 5_000;
/** Looks that may fail in a row. */
const PATIENCE = 5;

/** The address of the recording, once there is one; `null`: none is offered, or the host has gone. `base`: the folder of the stream. */
export async function offeredRecording(base: URL, signal: AbortSignal): Promise<string | null> {
  for (let failures = 0; failures < PATIENCE && !signal.aborted; ) {
    const recording = await look(base, signal).catch(() => "failed" as const);
    if (recording === undefined) return null;
    if (recording !== null && recording !== "failed") return new URL(recording, base).href;
    failures = recording === null ? 0 : failures + 1;
    await sleep(EVERY);
  }
  return null;
}

/** As in the player's state. */
async function look(base: URL, signal: AbortSignal): Promise<string | null | undefined> {
  const options = { cache: "no-store", signal: AbortSignal.any([signal, AbortSignal.timeout(WITHIN)]) } as const;
  const response = await fetch(new URL("state", base), options);
  if (response.status === 404) return undefined;
  return v.parse(PlayerStateSchema, await response.json()).recording;
}
