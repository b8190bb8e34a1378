// The port of a page that shows a state (popup, options page) to the service worker: made anew when Chrome has restarted that.
// Never keeps a copy of the state, and never knows what is in it.
import browser from "webextension-polyfill";
import { NoContract } from "../protocol/page-messages.ts";
import { type Contract, type Listeners, Peer } from "../protocol/rpc.ts";
import { portTransport } from "../protocol/transport.ts";

/** ms before the page connects again to a service worker that Chrome has restarted. */
const RECONNECT_AFTER = 200;

/** What a {@link StateConnection} needs. */
export interface StateConnectionOptions<Background extends Contract> {
  /** Name of the port. */
  readonly port: string;
  /** What the service worker offers there. */
  readonly background: Background;
  readonly listeners: Listeners<Background>;
  /** The first call of each connection, which takes in the state as it is. */
  readonly watch: (peer: Peer<typeof NoContract, Background>) => Promise<void>;
}

/** The connection of one page. */
export class StateConnection<Background extends Contract> {
  readonly #options: StateConnectionOptions<Background>;
  #peer: Peer<typeof NoContract, Background>;

  constructor(options: StateConnectionOptions<Background>) {
    this.#options = options;
    this.#peer = this.#connect();
  }

  /** To call the service worker by, now. */
  get peer(): Peer<typeof NoContract, Background> {
    return this.#peer;
  }

  #connect(): Peer<typeof NoContract, Background> {
    const { port: name, background, listeners, watch } = this.#options;
    const port = browser.runtime.connect({ name });
    const peer = new Peer({
      transport: portTransport(port as unknown as chrome.runtime.Port),
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
