// The steps by which a tab that is recorded already is shown to viewers, and no more. Never begins or ends a capture.
import { FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import { NO_STREAM_STOP, type StartStreamResult, type StopStreamResult } from "../../protocol/results.ts";
import { encodingOf } from "./joining.ts";
import type { StreamRecord } from "./stream-record.ts";
import type { StreamParts } from "./streams.ts";

/**
 * Lets viewers see a captured tab; answers when one gets a picture.
 * @throws FlyBrowserError what went wrong; nobody sees it then
 */
export async function publishSteps(
  parts: StreamParts,
  record: StreamRecord,
  options: ResolvedStartStreamOptions,
): Promise<StartStreamResult> {
  const stream_id = record.identity?.stream_id;
  if (stream_id === undefined) throw new FlyBrowserError("no_active_stream");
  assertHosted(record);
  record.stream = "starting";
  parts.captured.recordChanged(record);
  try {
    record.identity = await parts.host.call("publishStream", { stream_id, options });
    record.options = options;
    stillWanted(record);
    const result = await parts.host.call("waitUntilPlayable", { stream_id });
    stillWanted(record);
    record.stream = "live";
    parts.captured.recordChanged(record);
    return result;
  } catch (thrown) {
    stillWanted(record); // who stopped it is told so, not what the host made of that
    await unpublishSteps(parts, record, toFlyBrowserError(thrown).message);
    throw thrown;
  }
}

/** Ends what viewers see of a captured tab. */
export async function unpublishSteps(
  parts: StreamParts,
  record: StreamRecord,
  reason: string,
): Promise<StopStreamResult> {
  const stream_id = record.identity?.stream_id ?? "";
  const { info } = record;
  record.stream = "stopping";
  parts.captured.recordChanged(record);
  await parts.offscreen.call("closeViewers", { stream_id }).catch(() => {}); // it went, and they with it
  const result = parts.host.info
    ? await parts.host.call("unpublishStream", { stream_id, reason }).catch(() => null)
    : null;
  unseen(record);
  parts.captured.recordChanged(record);
  if (result) return result;
  return info ? { success: true, stream_id, info: { ...info, state: "stopped", status: "stopped" } } : NO_STREAM_STOP;
}

/** Notes that nobody sees it any more. */
export function unseen(record: StreamRecord): void {
  record.stream = "none";
  record.info = null;
  record.options = encodingOf(record.options);
  if (record.identity) record.identity = { ...record.identity, published_at: null };
}

/**
 * Fails for a tab whose host is still being replaced.
 * @throws FlyBrowserError `host_lost`
 */
export function assertHosted({ phase }: StreamRecord): void {
  if (phase === "recovering") throw new FlyBrowserError("host_lost", { reason: "the next one isn't there yet" });
}

function stillWanted(record: StreamRecord): void {
  if (record.stream === "starting" && record.phase !== "stopping" && record.phase !== "idle") return;
  throw new FlyBrowserError("capture_failed", { reason: "it was stopped while it was starting" });
}
