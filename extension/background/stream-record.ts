// What the service worker knows of one captured tab, and its copy in storage.session, from which a restarted
// worker takes over. That storage is in memory, for the extension alone, and gone with the browser: an RTMP key may be in it.
import * as v from "valibot";
import browser from "webextension-polyfill";
import { StreamIdentitySchema, TabSchema } from "../../protocol/native-messages.ts";
import { type ResolvedStartStreamOptions, StartStreamOptionsSchema } from "../../protocol/options.ts";
import { StreamInfoSchema } from "../../protocol/results.ts";
import { nextPhase, PHASES, type Phase } from "./stream-phases.ts";

const KEY = "streams";

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

/** Keeps the streams in storage.session; writes follow one another, the last one wins. */
export class StreamStore {
  #writing: Promise<void> = Promise.resolve();

  /** Gives what an earlier service worker left; what can't be read is left out. */
  async load(): Promise<StreamRecord[]> {
    const stored: unknown = (await browser.storage.session.get(KEY))[KEY];
    const parsed = v.safeParse(v.array(StreamRecordSchema), stored ?? []);
    return parsed.success ? parsed.output : [];
  }

  /** Writes all streams. */
  save(records: readonly StreamRecord[]): Promise<void> {
    const copy = structuredClone(records);
    this.#writing = this.#writing.then(() => browser.storage.session.set({ [KEY]: copy })).catch(() => {});
    return this.#writing;
  }
}
