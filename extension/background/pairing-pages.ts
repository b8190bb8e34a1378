// What the extension's own pages about pairing see and ask: the prompt in its window, and the options page.
import browser from "webextension-polyfill";
import {
  BackgroundForOptionsContract,
  BackgroundForPairingContract,
  NoContract,
  type OptionsState,
  patternOf,
} from "../../protocol/page-messages.ts";
import { Peer } from "../../protocol/rpc.ts";
import { portTransport } from "../../protocol/transport.ts";
import type { HostLifetime } from "./host-lifetime.ts";
import type { PageOwners } from "./page-owners.ts";
import type { PageScripts } from "./page-scripts.ts";
import type { PairingPrompts } from "./pairing-prompts.ts";
import type { PairingStore } from "./pairing-store.ts";

/** What {@link PairingPages} works with. */
export interface PairingPagesDependencies {
  readonly prompts: Pick<PairingPrompts, "describe" | "answer">;
  readonly store: Pick<PairingStore, "list" | "mayAsk" | "setMayAsk" | "forget">;
  /** Of streams, and of recordings. */
  readonly owners: readonly Pick<PageOwners, "revoked">[];
  readonly lifetime: Pick<HostLifetime, "programs" | "setPrograms">;
  readonly scripts: Pick<PageScripts, "list" | "allow" | "remove">;
}

type OptionsPeer = Peer<typeof BackgroundForOptionsContract, typeof NoContract>;

/** The prompt's window, px. */
const PROMPT = { path: "extension/pairing/index.html", width: 420, height: 520 } as const;

/** Opens the window of a prompt, in the middle of the window that the request comes from; gives its id. */
export async function openPromptWindow(request_id: string, window_id: number | null): Promise<number> {
  const from = window_id === null ? null : await browser.windows.get(window_id).catch(() => null);
  const middle =
    from?.left === undefined || from.top === undefined || from.width === undefined
      ? {}
      : { left: Math.max(0, Math.round(from.left + (from.width - PROMPT.width) / 2)), top: Math.max(0, from.top + 80) };
  const created = await browser.windows.create({
    type: "popup",
    url: browser.runtime.getURL(`${PROMPT.path}?${new URLSearchParams({ request_id })}`),
    width: PROMPT.width,
    height: PROMPT.height,
    focused: true,
    incognito: false,
    ...middle,
  });
  if (created.id === undefined) throw new Error("Chrome opened no window for the prompt");
  return created.id;
}

/** Serves the prompts and the options pages that are open. */
export class PairingPages {
  readonly #deps: PairingPagesDependencies;
  readonly #options = new Set<OptionsPeer>();

  constructor(dependencies: PairingPagesDependencies) {
    this.#deps = dependencies;
  }

  /** Takes the port of a prompt. */
  takePromptPort(port: chrome.runtime.Port): void {
    const { prompts } = this.#deps;
    new Peer({
      transport: portTransport(port),
      local: BackgroundForPairingContract,
      remote: NoContract,
      handlers: {
        describe: ({ request_id }) => prompts.describe(request_id),
        answer: ({ request_id, decision }) => {
          prompts.answer(request_id, decision);
          return {};
        },
        stay: () => ({}),
      },
      listeners: {},
    });
  }

  /** Takes the port of an options page. */
  takeOptionsPort(port: chrome.runtime.Port): void {
    const { store, lifetime, scripts } = this.#deps;
    const peer: OptionsPeer = new Peer({
      transport: portTransport(port),
      local: BackgroundForOptionsContract,
      remote: NoContract,
      handlers: {
        watch: () => this.#state(),
        allowSite: async ({ pattern }) => {
          await scripts.allow(pattern);
          return {};
        },
        removeSite: async ({ pattern }) => {
          await scripts.remove(pattern);
          const origins = (await store.list()).map(({ origin }) => origin);
          for (const origin of origins) if (patternOf(origin) === pattern) await this.#revoke(origin);
          return {};
        },
        revoke: async ({ origin }) => {
          await this.#revoke(origin);
          return {};
        },
        setMayAsk: async ({ may_ask }) => {
          await store.setMayAsk(may_ask);
          return {};
        },
        setPrograms: async ({ programs }) => {
          await lifetime.setPrograms(programs);
          this.push();
          return {};
        },
      },
      listeners: {},
      onClose: () => this.#options.delete(peer),
    });
    this.#options.add(peer);
  }

  async #revoke(origin: string): Promise<void> {
    await this.#deps.store.forget(origin);
    await Promise.all(this.#deps.owners.map((kind) => kind.revoked(origin)));
  }

  /** Sends the new state to the options pages that are open. */
  push(): void {
    if (this.#options.size === 0) return;
    void this.#state().then((state) => {
      for (const peer of this.#options) peer.emit("state", state);
    });
  }

  async #state(): Promise<OptionsState> {
    const { store, lifetime, scripts } = this.#deps;
    const [sites, may_ask, pairings] = await Promise.all([scripts.list(), store.mayAsk(), store.list()]);
    return { sites, may_ask, pairings, programs: lifetime.programs };
  }
}
