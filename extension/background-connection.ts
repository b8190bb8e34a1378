// The connection of the extension's own pages to the service worker; of those that show a state (popup, options page) it is made
// anew when Chrome has restarted the service worker.
import browser from "webextension-polyfill";
import { NoContract } from "../protocol/page-messages.ts";
import { type Contract, type Listeners, Peer } from "../protocol/rpc.ts";
import { portTransport, type Transport } from "../protocol/transport.ts";

/** ms before the page connects again to a service worker that Chrome has restarted. */
const RECONNECT_AFTER = 200;

/** Connects to the service worker; starts it where it sleeps. `name`: of the port. */
export function backgroundTransport(name: string): Transport {
  return portTransport(browser.runtime.connect({ name }) as unknown as chrome.runtime.Port);
}

/** What a {@link StateConnection} needs. */
export interface StateConnectionOptions<Background extends Contract> {
  /** Name of the port. */
  readonly port: string;
  /** What the service worker offers there. */
  readonly background: Background;
  readonly listeners: Listeners<Background>;
  /** The first call of each connection, which takes in the state as it is. */
  readonly watch: (peer: Peer<typeof NoContract, Background>) => Promise<void>;
  /** Connects at the first look at {@link StateConnection.peer}, not at once: Chrome may have to start the service worker for it. */
  readonly later?: boolean;
}

/** The connection of one page that shows a state. */
export class StateConnection<Background extends Contract> {
  readonly #options: StateConnectionOptions<Background>;
  #peer: Peer<typeof NoContract, Background> | null = null;

  constructor(options: StateConnectionOptions<Background>) {
    this.#options = options;
    if (!options.later) this.#peer = this.#connect();
  }

  /** The connection at hand. */
  get peer(): Peer<typeof NoContract, Background> {
    this.#peer ??= this.#connect();
    return this.#peer;
  }

  #connect(): Peer<typeof NoContract, Background> {
    const { port, background, listeners, watch } = this.#options;
    const peer = new Peer({
      transport: backgroundTransport(port),
      local: NoContract,
      remote: background,
      handlers: {},
      listeners,
      onClose: () => {
        setTimeout(() => {
          this.#peer = this.#connect();
        }, RECONNECT_AFTER);
      },
    });
    watch(peer).catch(() => {}); // lost: it connects again
    return peer;
  }
}
