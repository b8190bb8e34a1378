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
export async function recoverStream(parts: StreamParts, record: StreamRecord, save: () => void): Promise<boolean> {
  const deadline = Date.now() + GIVE_UP_AFTER;
  for (let attempt = 0; ; attempt++) {
    await sleep(pauseBefore(attempt));
    if (record.phase !== "recovering") return false;
    try {
      await resume(parts, record, save);
      return record.phase === "recovering";
    } catch (thrown) {
      const error = thrown as FlyBrowserError;
      log.warn(`attempt ${attempt + 1}: ${error.message}`);
      if (FINAL.has(error.code) || Date.now() >= deadline) throw error;
    }
  }
}

async function resume(parts: StreamParts, record: StreamRecord, save: () => void): Promise<void> {
  if (!record.identity) throw new FlyBrowserError("no_active_stream");
  const host = await parts.host.connect();
  const { tab, options } = record;
  const resume = { ...record.identity, generation: record.identity.generation + 1 };
  const goesOn = record.recorded && record.recording_id !== null ? { recording_id: record.recording_id } : {};
  const published = resume.published_at !== null;
  record.identity = await parts.host.call("openStream", { tab, options, published, resume, ...goesOn });
  record.host_port = host.port;
  save();
  const { stream_id } = record.identity;
  parts.relay.attach(stream_id);
  await parts.offscreen.call("restartRun", { stream_id, reason: "the host was replaced", orderly: false });
  if (published) await parts.host.call("waitUntilPlayable", { stream_id });
}
