// The options page's end of its port to the service worker: the state as it comes, and the calls.
// Never keeps a copy of the state.
import browser from "webextension-polyfill";
import {
  BackgroundForOptionsContract,
  NoContract,
  OPTIONS_PORT,
  type OptionsState,
} from "../../protocol/page-messages.ts";
import { Peer } from "../../protocol/rpc.ts";
import { portTransport } from "../../protocol/transport.ts";

/** ms before the page connects again to a service worker that Chrome has restarted. */
const RECONNECT_AFTER = 200;

type BackgroundPeer = Peer<typeof NoContract, typeof BackgroundForOptionsContract>;

/** The connection of one options page. */
export class OptionsConnection {
  readonly #onState: (state: OptionsState) => void;
  #peer: BackgroundPeer;

  constructor(onState: (state: OptionsState) => void) {
    this.#onState = onState;
    this.#peer = this.#connect();
  }

  /** Forgets everything about a site. */
  async revoke(origin: string): Promise<void> {
    await this.#peer.call("revoke", { origin });
  }

  /** Lets sites ask, or not. */
  async setMayAsk(may_ask: boolean): Promise<void> {
    await this.#peer.call("setMayAsk", { may_ask });
  }

  /** Lets the host stay for programs on this computer, or not. */
  async setPrograms(programs: boolean): Promise<void> {
    await this.#peer.call("setPrograms", { programs });
  }

  #connect(): BackgroundPeer {
    const port = browser.runtime.connect({ name: OPTIONS_PORT });
    const peer: BackgroundPeer = new Peer({
      transport: portTransport(port as unknown as chrome.runtime.Port),
      local: NoContract,
      remote: BackgroundForOptionsContract,
      handlers: {},
      listeners: { state: (state) => this.#onState(state) },
      onClose: () => {
        setTimeout(() => {
          this.#peer = this.#connect();
        }, RECONNECT_AFTER);
      },
    });
    peer.call("watch", {}).then(this.#onState, () => {}); // lost: it connects again
    return peer;
  }
}
