// The places that the user has streams sent to, as the popup lists them: which of them the next stream goes to, and their keys. A
// key stays on the disk only where the user wants that; else it is in memory and gone with the browser.
import * as v from "valibot";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { SavedDestination } from "../../protocol/extension-messages.ts";
import {
  type DestinationOptions,
  DestinationOptionsSchema,
  MAX_DESTINATIONS,
  parseDestination,
} from "../../protocol/options.ts";
import { sentence } from "../../protocol/sentence.ts";
import type { StoredValue } from "./storage.ts";

/** Schema of what is kept of them on the disk. */
export const SavedDestinationsSchema = v.pipe(
  v.array(v.object({ id: v.string(), on: v.boolean(), ...DestinationOptionsSchema.entries })),
  v.maxLength(MAX_DESTINATIONS),
);
/** Schema of keys in memory, by the id of their destination. */
export const DestinationKeysSchema = v.record(v.string(), v.string());

type Stored<Schema extends v.GenericSchema> = Pick<StoredValue<Schema>, "load" | "update">;

/** Where they are kept. */
export interface SavedDestinationsDependencies {
  readonly saved: Stored<typeof SavedDestinationsSchema>;
  /** Keys that aren't to be kept, while the browser runs. */
  readonly keys: Stored<typeof DestinationKeysSchema>;
}

/** The list. */
export class SavedDestinations {
  readonly #deps: SavedDestinationsDependencies;

  constructor(dependencies: SavedDestinationsDependencies) {
    this.#deps = dependencies;
  }

  /** All of them, without a secret. */
  async list(): Promise<SavedDestination[]> {
    const [saved, keys] = await this.#load();
    return saved.map(({ id, on, url, key, name }) => {
      return { id, on, name: name ?? hostOf(url), has_key: key !== undefined || keys[id] !== undefined };
    });
  }

  /** Those that the next stream goes to. */
  async chosen(): Promise<DestinationOptions[]> {
    const [saved] = await this.#load();
    return Promise.all(saved.filter(({ on }) => on).map(({ id }) => this.get(id)));
  }

  /** One of them with its key. @throws FlyBrowserError `destination_not_found` */
  async get(id: string): Promise<DestinationOptions> {
    const [saved, keys] = await this.#load();
    const found = saved.find((each) => each.id === id);
    if (!found) throw new FlyBrowserError("destination_not_found", { destination_id: id });
    const { id: _, on: _on, ...destination } = found;
    return keys[id] === undefined ? destination : { ...destination, key: keys[id] };
  }

  /**
   * Adds one, and chooses it for the next stream; gives its id. `keep_key`: its key is written to the disk.
   * @throws FlyBrowserError `invalid_option`, `unknown_option`
   */
  async add(input: unknown, keep_key: boolean): Promise<string> {
    const { destination_id: id, key, ...rest } = parseDestination(input);
    if ((await this.#deps.saved.load()).length >= MAX_DESTINATIONS) {
      throw new FlyBrowserError("invalid_option", {
        option: "destinations",
        value: sentence("value.count", { count: MAX_DESTINATIONS + 1 }),
        allowed: sentence("allowed.destinations", { limit: MAX_DESTINATIONS }),
      });
    }
    if (key !== undefined && !keep_key) await this.#deps.keys.update((keys) => ({ ...keys, [id]: key }));
    const kept = key !== undefined && keep_key ? { key } : {};
    await this.#deps.saved.update((saved) => [...saved, { id, on: true, ...rest, ...kept }]);
    return id;
  }

  /** Whether the next stream goes there. One that there isn't is left alone. */
  choose(id: string, on: boolean): Promise<void> {
    return this.#deps.saved.update((saved) => saved.map((each) => (each.id === id ? { ...each, on } : each)));
  }

  /** Forgets one, and its key. */
  async forget(id: string): Promise<void> {
    await this.#deps.saved.update((saved) => saved.filter((each) => each.id !== id));
    await this.#deps.keys.update(({ [id]: _, ...keys }) => keys);
  }

  #load() {
    return Promise.all([this.#deps.saved.load(), this.#deps.keys.load()]);
  }
}

/** The server of an address; the rest of it may hold a secret. */
function hostOf(url: string): string {
  return /^[a-z0-9+.-]+:\/\/(?:[^/?#]*@)?([^/?#]*)/i.exec(url)?.[1] || url;
}
