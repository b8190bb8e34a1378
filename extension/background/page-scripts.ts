// The content scripts of the page API: registered for the sites that the user has let ask, and for no other.
import * as v from "valibot";
import { Serial } from "../../protocol/async.ts";
import { logOf } from "../log.ts";
import { StoredValue } from "./storage.ts";

const log = logOf("page scripts");

/** What {@link PageScripts} works with: Chrome's own, but in tests. */
export interface PageScriptsDependencies {
  /** Files in the extension: for the page's own world, and for the content script's. */
  readonly files: { readonly api: string; readonly bridge: string };
  readonly scripting: Pick<
    typeof chrome.scripting,
    "getRegisteredContentScripts" | "registerContentScripts" | "unregisterContentScripts"
  >;
  readonly permissions: Pick<typeof chrome.permissions, "contains" | "remove">;
  readonly onChange: () => void;
}

/** Which sites have the page API. */
export class PageScripts {
  readonly #deps: PageScriptsDependencies;
  readonly #sites = new StoredValue("local", "page_sites", v.array(v.string()), []);
  readonly #steps = new Serial();

  constructor(dependencies: PageScriptsDependencies) {
    this.#deps = dependencies;
  }

  /** The match patterns of the sites, in the order in which they were let in. */
  list(): Promise<string[]> {
    return this.#sites.load();
  }

  /** Lets a site ask; Chrome's permission for it is there already. Documents that are open get the API when they are loaded again. */
  async allow(pattern: string): Promise<void> {
    await this.#sites.update((sites) => [...sites.filter((site) => site !== pattern), pattern]);
    await this.apply();
  }

  /** Takes it back, and Chrome's permission with it. */
  async remove(pattern: string): Promise<void> {
    await this.#sites.update((sites) => sites.filter((site) => site !== pattern));
    // A permission that the manifest asks for (in a browser that the SDK has started) can't be given back.
    await this.#deps.permissions.remove({ origins: [pattern] }).catch(() => {});
    await this.apply();
  }

  /** Makes what is registered follow what is allowed, by the list and by Chrome; both may have changed meanwhile. */
  apply(): Promise<void> {
    return this.#steps.run(() => this.#apply().catch((thrown: unknown) => log.warn("can't be registered", thrown)));
  }

  async #apply(): Promise<void> {
    const { files, scripting, permissions, onChange } = this.#deps;
    const matches: string[] = [];
    for (const site of await this.#sites.load())
      if (await permissions.contains({ origins: [site] })) matches.push(site);
    const registered = await scripting.getRegisteredContentScripts();
    if (registered.length > 0) await scripting.unregisterContentScripts();
    if (matches.length > 0) {
      await scripting.registerContentScripts([
        { id: "page-api", js: [files.api], matches, runAt: "document_start", world: "MAIN" },
        { id: "page-bridge", js: [files.bridge], matches, runAt: "document_start" },
      ]);
    }
    onChange();
  }
}
