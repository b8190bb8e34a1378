// What the service worker knows of one stream, and its copy in storage.session, from which a restarted
// worker takes over. That storage is in memory, for the extension alone, and gone with the browser: an RTMP key may be in it.
import * as v from "valibot";
import browser from "webextension-polyfill";
import { StreamIdentitySchema, TabSchema } from "../../protocol/native-messages.ts";
import { StartStreamOptionsSchema } from "../../protocol/options.ts";
import { StreamInfoSchema } from "../../protocol/results.ts";
import { PHASES } from "./stream-phases.ts";

const KEY = "streams";

/** Schema of {@link StreamRecord}. */
export const StreamRecordSchema = v.object({
  phase: v.picklist(PHASES),
  tab: TabSchema,
  options: StartStreamOptionsSchema,
  /** `null` until the host has opened it. */
  identity: v.nullable(StreamIdentitySchema),
  /** Port of the host's HTTP server, for the links to live on. */
  host_port: v.nullable(v.number()),
  /** The last status that the host sent. */
  info: v.nullable(StreamInfoSchema),
});
/** One stream, as the service worker knows it. */
export type StreamRecord = v.InferOutput<typeof StreamRecordSchema>;

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
