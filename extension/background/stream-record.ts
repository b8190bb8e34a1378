// What the service worker knows of one captured tab: what it is captured for, how far that has come, what the host said of it.
// Never changes by itself.
import * as v from "valibot";
import { StreamIdentitySchema, TabSchema } from "../../protocol/native-messages.ts";
import { type ResolvedStartStreamOptions, StartStreamOptionsSchema } from "../../protocol/options.ts";
import { StreamInfoSchema } from "../../protocol/results.ts";
import { nextPhase, PHASES, type Phase } from "./stream-phases.ts";

/** What viewers have of a captured tab. `none`: it is only recorded. */
export const PUBLISHING = ["none", "starting", "live", "stopping"] as const;

/** Schema of {@link StreamRecord}. */
export const StreamRecordSchema = v.object({
  /** Of the capture. */
  phase: v.picklist(PHASES),
  stream: v.picklist(PUBLISHING),
  /** It is wanted for a recording. */
  recorded: v.boolean(),
  /** The recording that the host has begun. */
  recording_id: v.nullable(v.string()),
  tab: TabSchema,
  options: StartStreamOptionsSchema,
  /** `null` until the host has opened it. */
  identity: v.nullable(StreamIdentitySchema),
  /** Port of the host's HTTP server, for the links to live on. */
  host_port: v.nullable(v.number()),
  /** The last status that the host sent. */
  info: v.nullable(StreamInfoSchema),
});
/** One captured tab, as the service worker knows it. */
export type StreamRecord = v.InferOutput<typeof StreamRecordSchema>;

/** A record of a capture that is about to begin. `stream`: for viewers; else for a recording alone. */
export function newRecord(tab_id: number, options: ResolvedStartStreamOptions, stream: boolean): StreamRecord {
  const tab = { tab_id, target_id: null, url: "", title: "", not_capturable: null, stream_id: null };
  return {
    ...{ phase: nextPhase("idle", "starting"), stream: stream ? "starting" : "none", recorded: !stream },
    ...{ recording_id: null, tab, options, identity: null, host_port: null, info: null },
  };
}

/** The phase of what viewers have: that of the capture, where there is nothing else to say. */
export function streamPhase(record: StreamRecord | undefined): Phase {
  if (!record || record.stream === "none") return "idle";
  return record.stream === "live" || record.phase === "stopping" ? record.phase : record.stream;
}
