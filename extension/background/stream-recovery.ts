// How a stream goes on after the host, or this service worker, has died: same id, same token, same links.
// Never gives up before its time, never goes on after it.
import { FlyBrowserError } from "../../protocol/errors.ts";
import { logOf } from "../log.ts";
import { pauseBefore, sleep } from "./backoff.ts";
import type { StreamRecord } from "./stream-record.ts";
import type { StreamParts } from "./streams.ts";

/** ms after which a stream without a host ends. */
const GIVE_UP_AFTER = 60_000;
/** Errors that no further attempt can mend. */
const FINAL = new Set(["host_not_installed", "version_mismatch", "ffmpeg_not_found", "no_active_stream"]);

const log = logOf("recovery");

/**
 * Brings a stream in the phase `recovering` back; `false`: it was stopped, or recovered by a later attempt, meanwhile.
 * @throws FlyBrowserError the last reason, when it has given up
 */
export async function recoverStream(parts: StreamParts, record: StreamRecord): Promise<boolean> {
  const deadline = Date.now() + GIVE_UP_AFTER;
  for (let attempt = 0; ; attempt++) {
    await sleep(pauseBefore(attempt));
    if (!isWanted(record)) return false;
    try {
      await resume(parts, record);
      return isWanted(record);
    } catch (thrown) {
      const error = thrown as FlyBrowserError;
      if (!isWanted(record)) return false;
      log.warn(`attempt ${attempt + 1}: ${error.message}`);
      if (FINAL.has(error.code) || Date.now() >= deadline) throw error;
    }
  }
}

/** Takes the steps; ends quietly, and leaves nothing in the new host, where the tab is let go meanwhile. */
async function resume(parts: StreamParts, record: StreamRecord): Promise<void> {
  const { host } = parts;
  const { port } = await host.connect();
  if (!isWanted(record)) return; // who let it go found no host to tell
  if (!record.identity) throw new FlyBrowserError("no_active_stream");
  const { tab, options } = record;
  const resume = { ...record.identity, generation: record.identity.generation + 1 };
  const goesOn = record.recorded && record.recording_id !== null ? { recording_id: record.recording_id } : {};
  const { stream_id } = resume;
  const published = resume.published_at !== null;
  const identity = await host.call("openStream", { tab, options, published, resume, ...goesOn });
  if (!isWanted(record)) return; // who let it go has told the host
  // What the host says counts: it may have made it as an earlier attempt, whose answer came too late, has asked.
  const stopped = identity.published_at !== null && isUnseen(record);
  record.identity = stopped ? { ...identity, published_at: null } : identity;
  record.host_port = port;
  parts.captured.save();
  // An `unpublishStream` that was sent meanwhile may have come before there was anything to see.
  if (stopped) await host.call("unpublishStream", { stream_id, reason: "it was stopped while the host was replaced" });
  parts.relay.attach(stream_id);
  await parts.offscreen.call("restartRun", { stream_id, reason: "the host was replaced", orderly: false });
  if (!published || isUnseen(record)) return;
  await host.call("waitUntilPlayable", { stream_id }).catch((thrown: unknown) => {
    if (!isUnseen(record)) throw thrown; // else its stream was stopped, and its recording is well
  });
}

/** Nobody has let it go. */
function isWanted(record: StreamRecord): boolean {
  return record.phase === "recovering";
}

/** It goes on for its recording alone. */
function isUnseen(record: StreamRecord): boolean {
  return record.recorded && record.stream !== "live";
}
