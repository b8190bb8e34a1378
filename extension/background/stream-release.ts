// The steps by which a captured tab is let go. Never decides when.
import type { StopStreamResult } from "../../protocol/results.ts";
import type { StreamRecord } from "./stream-record.ts";
import type { StreamParts } from "./streams.ts";

/** ms in which the last chunk must reach the host after the recorder has stopped. */
const DRAIN_TIMEOUT = 2_000;

/** Lets go of capture and host's stream; gives what the host says at the end, `null` without a host. */
export async function releaseSteps(
  parts: StreamParts,
  record: StreamRecord,
  reason: string,
  withTail: boolean,
): Promise<StopStreamResult | null> {
  const stream_id = record.identity?.stream_id;
  if (stream_id === undefined) return null;
  if (await parts.offscreen.exists()) await parts.offscreen.call("stopCapture", { stream_id }).catch(() => {});
  if (withTail) await parts.relay.drained(stream_id, DRAIN_TIMEOUT);
  const result = parts.host.info ? await parts.host.call("closeStream", { stream_id, reason }).catch(() => null) : null;
  parts.relay.detach(stream_id);
  return result;
}
