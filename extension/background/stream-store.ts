// The copy of what the service worker knows of captured tabs, in storage.session, from which a restarted worker takes over.
// That storage is in memory, for the extension alone, and gone with the browser: an RTMP key may be in it.
import * as v from "valibot";
import browser from "webextension-polyfill";
import { type StreamRecord, StreamRecordSchema } from "./stream-record.ts";

const KEY = "streams";

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
