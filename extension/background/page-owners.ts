// What pages have started in their tabs, streams or recordings, and for which origin. It ends when the tab leaves that origin
// (not what an extension has started), or when the user takes the pairing back; also under a restarted service worker.
import * as v from "valibot";
import { isExtension, originOf } from "./page-sender.ts";
import { StoredValue } from "./storage.ts";

/** Kinds of what is owned; each is a key in the storage. */
export type Owned = "page_streams" | "page_recordings";
const StoredSchema = v.array(v.tuple([v.number(), v.string()]));

/** Why it ends. */
export const LEFT_ORIGIN = "the tab left the site that had started it";
export const REVOKED = "the user took the site's permission back";

/** Ends what an origin has started in a tab. */
export type EndTab = (tab_id: number, reason: string) => void;

/** The owners of one kind. */
export class PageOwners {
  readonly #store: StoredValue<typeof StoredSchema>;
  readonly #end: EndTab;
  readonly #starting = new Set<number>();
  #owners: Promise<Map<number, string>> | null = null;

  constructor(key: Owned, end: EndTab) {
    this.#store = new StoredValue("session", key, StoredSchema, []);
    this.#end = end;
  }

  /** The origin that started what runs in a tab; `null`: the user, or a program. */
  async ownerOf(tab_id: number): Promise<string | null> {
    return (await this.#load()).get(tab_id) ?? null;
  }

  /** Runs a start for an origin, which owns what comes of it; when it fails, the origin owns nothing. */
  async owning<T>(tab_id: number, origin: string, start: () => Promise<T>): Promise<T> {
    const owners = await this.#load();
    const before = owners.get(tab_id);
    owners.set(tab_id, origin);
    this.#starting.add(tab_id);
    try {
      const result = await start();
      await this.#save();
      return result;
    } catch (thrown) {
      if (before === undefined) owners.delete(tab_id);
      else owners.set(tab_id, before);
      throw thrown;
    } finally {
      this.#starting.delete(tab_id);
    }
  }

  /** A tab has another address. */
  async navigated(tab_id: number, url: string): Promise<void> {
    const owner = (await this.#load()).get(tab_id);
    if (owner !== undefined && !isExtension(owner) && originOf(url) !== owner) this.#end(tab_id, LEFT_ORIGIN);
  }

  /** An origin isn't paired any more. */
  async revoked(origin: string): Promise<void> {
    for (const [tab_id, owner] of await this.#load()) if (owner === origin) this.#end(tab_id, REVOKED);
  }

  /** A tab has another id: Chrome gives it one when it discards the tab. */
  async replaced(tab_id: number, replaced_id: number): Promise<void> {
    const owners = await this.#load();
    const owner = owners.get(replaced_id);
    if (owner === undefined) return;
    owners.delete(replaced_id);
    owners.set(tab_id, owner);
    await this.#save();
  }

  /** Nothing runs in a tab any more. */
  async ended(tab_id: number): Promise<void> {
    if (this.#starting.has(tab_id)) return; // the start itself says what came of it
    if ((await this.#load()).delete(tab_id)) await this.#save();
  }

  #load(): Promise<Map<number, string>> {
    this.#owners ??= this.#store.load().then((stored) => new Map(stored));
    return this.#owners;
  }

  async #save(): Promise<void> {
    await this.#store.save([...(await this.#load())]);
  }
}
