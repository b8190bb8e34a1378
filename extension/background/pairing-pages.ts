// What the extension's own pages about pairing see and ask: the prompt, and the options page.
// Never serves a web page: main.ts lets none come here.
import {
  BackgroundForOptionsContract,
  BackgroundForPairingContract,
  NoContract,
  type OptionsState,
} from "../../protocol/page-messages.ts";
import { Peer } from "../../protocol/rpc.ts";
import { portTransport } from "../../protocol/transport.ts";
import type { HostKeeper } from "./host-keeper.ts";
import type { PageOwners } from "./page-owners.ts";
import type { PairingPrompts } from "./pairing-prompts.ts";
import type { PairingStore } from "./pairing-store.ts";

/** What they are served from. */
export interface PairingPagesParts {
  readonly prompts: Pick<PairingPrompts, "describe" | "answer">;
  readonly store: Pick<PairingStore, "list" | "mayAsk" | "setMayAsk" | "forget">;
  /** Of streams, and of recordings. */
  readonly owners: readonly Pick<PageOwners, "revoked">[];
  readonly keeper: Pick<HostKeeper, "programs" | "setPrograms">;
}

type OptionsPeer = Peer<typeof BackgroundForOptionsContract, typeof NoContract>;

/** Serves them. */
export class PairingPages {
  readonly #parts: PairingPagesParts;
  readonly #options = new Set<OptionsPeer>();

  constructor(parts: PairingPagesParts) {
    this.#parts = parts;
  }

  /** Takes the port of a prompt. */
  takePromptPort(port: chrome.runtime.Port): void {
    const { prompts } = this.#parts;
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
    const { store, owners, keeper } = this.#parts;
    const peer: OptionsPeer = new Peer({
      transport: portTransport(port),
      local: BackgroundForOptionsContract,
      remote: NoContract,
      handlers: {
        watch: () => this.#state(),
        revoke: async ({ origin }) => {
          await store.forget(origin);
          await Promise.all(owners.map((kind) => kind.revoked(origin)));
          return {};
        },
        setMayAsk: async ({ may_ask }) => {
          await store.setMayAsk(may_ask);
          return {};
        },
        setPrograms: async ({ programs }) => {
          await keeper.setPrograms(programs);
          this.push();
          return {};
        },
      },
      listeners: {},
      onClose: () => this.#options.delete(peer),
    });
    this.#options.add(peer);
  }

  /** Sends the new state to the options pages that are open. */
  push(): void {
    if (this.#options.size === 0) return;
    void this.#state().then((state) => {
      for (const peer of this.#options) peer.emit("state", state);
    });
  }

  async #state(): Promise<OptionsState> {
    const { store, keeper } = this.#parts;
    const [may_ask, pairings] = await Promise.all([store.mayAsk(), store.list()]);
    return { may_ask, pairings, programs: keeper.programs };
  }
}
