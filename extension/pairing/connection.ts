// The prompt's end of its port to the service worker.
// Never connects again: a service worker that was restarted knows nothing of the request, nor does the page wait.
import browser from "webextension-polyfill";
import {
  BackgroundForPairingContract,
  type Decision,
  NoContract,
  PAIRING_PORT,
  type PairingRequest,
} from "../../protocol/page-messages.ts";
import { Peer } from "../../protocol/rpc.ts";
import { portTransport } from "../../protocol/transport.ts";

/** ms between two signs of life; Chrome ends a service worker that hears nothing for 30 s. */
const STAY_EVERY = 15_000;

/** The connection of one prompt. */
export class PromptConnection {
  readonly #request_id: string;
  readonly #peer: Peer<typeof NoContract, typeof BackgroundForPairingContract>;

  /** `onLost` is called when the answer would go nowhere. */
  constructor(request_id: string, onLost: () => void) {
    this.#request_id = request_id;
    const port = browser.runtime.connect({ name: PAIRING_PORT });
    this.#peer = new Peer({
      transport: portTransport(port as unknown as chrome.runtime.Port),
      local: NoContract,
      remote: BackgroundForPairingContract,
      handlers: {},
      listeners: {},
      onClose: onLost,
    });
    setInterval(() => void this.#peer.call("stay", {}).catch(() => {}), STAY_EVERY);
  }

  /** Who asks. @throws FlyBrowserError `not_found` */
  describe(): Promise<PairingRequest> {
    return this.#peer.call("describe", { request_id: this.#request_id });
  }

  /** The user's answer. @throws FlyBrowserError `not_found` */
  async answer(decision: Decision): Promise<void> {
    await this.#peer.call("answer", { request_id: this.#request_id, decision });
  }
}
