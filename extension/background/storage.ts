// One value in the extension's storage, checked by its schema when it is read.
import * as v from "valibot";
import browser from "webextension-polyfill";
import { Serial } from "../../protocol/async.ts";

/** A value under its key. What another version wrote and can't be read any more counts as not there. */
export class StoredValue<Schema extends v.GenericSchema> {
  readonly #area: "local" | "session";
  readonly #key: string;
  readonly #schema: Schema;
  readonly #initial: v.InferOutput<Schema>;
  readonly #writes = new Serial();

  /**
   * `local` stays on the disk. `session` is in memory, for the extension alone, and gone with the browser: it outlives
   * a service worker, and may hold a secret.
   */
  constructor(area: "local" | "session", key: string, schema: Schema, initial: v.InferOutput<Schema>) {
    this.#area = area;
    this.#key = key;
    this.#schema = schema;
    this.#initial = initial;
  }

  /** Reads it; gives the initial value before anything was written. */
  async load(): Promise<v.InferOutput<Schema>> {
    const stored = (await browser.storage[this.#area].get(this.#key))[this.#key];
    const parsed = v.safeParse(this.#schema, stored);
    return parsed.success ? parsed.output : this.#initial;
  }

  /** Writes it; writes follow one another, and the last one wins. */
  save(value: v.InferOutput<Schema>): Promise<void> {
    return this.#writes.run(() => browser.storage[this.#area].set({ [this.#key]: value }));
  }

  /** Reads, changes and writes it, with no other write in between. */
  update(change: (value: v.InferOutput<Schema>) => v.InferOutput<Schema>): Promise<void> {
    return this.#writes.run(async () => browser.storage[this.#area].set({ [this.#key]: change(await this.load()) }));
  }
}
