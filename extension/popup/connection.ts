// The popup's end of its port to the service worker: the state as it comes, and the calls.
// Never keeps a copy of the state.
import browser from "webextension-polyfill";
import {
  BackgroundForPopupContract,
  POPUP_PORT,
  PopupContract,
  type PopupState,
} from "../../protocol/extension-messages.ts";
import type { Quality } from "../../protocol/profiles.ts";
import type {
  StartRecordingResult,
  StartStreamResult,
  StopRecordingResult,
  StopStreamResult,
} from "../../protocol/results.ts";
import { Peer } from "../../protocol/rpc.ts";
import { portTransport } from "../../protocol/transport.ts";

/** ms before the popup connects again to a service worker that Chrome has restarted. */
const RECONNECT_AFTER = 200;

type BackgroundPeer = Peer<typeof PopupContract, typeof BackgroundForPopupContract>;

/** The connection of one popup. */
export class Connection {
  readonly #tab_id: number;
  readonly #onState: (state: PopupState) => void;
  #peer: BackgroundPeer;

  constructor(tab_id: number, onState: (state: PopupState) => void) {
    this.#tab_id = tab_id;
    this.#onState = onState;
    this.#peer = this.#connect();
  }

  /** Starts streaming the tab; `quality`: `null` for one that is recorded, which is encoded already. Errors also arrive in the state. */
  start(quality: Quality | null): Promise<StartStreamResult> {
    const options = quality === null ? {} : { quality };
    return this.#peer.call("startStream", { tab_id: this.#tab_id, options });
  }

  /** Stops the stream of the tab. */
  stop(): Promise<StopStreamResult> {
    return this.#peer.call("stopStream", { tab_id: this.#tab_id });
  }

  /** Records the tab. Errors also arrive in the state. */
  record(): Promise<StartRecordingResult> {
    return this.#peer.call("startRecording", { tab_id: this.#tab_id });
  }

  /** Stops the recording of the tab; its file may still be made then. */
  stopRecording(): Promise<StopRecordingResult> {
    return this.#peer.call("stopRecording", { tab_id: this.#tab_id });
  }

  /** Remembers the choice. */
  async setQuality(quality: Quality): Promise<void> {
    await this.#peer.call("setQuality", { quality });
  }

  #connect(): BackgroundPeer {
    const port = browser.runtime.connect({ name: POPUP_PORT });
    const peer: BackgroundPeer = new Peer({
      transport: portTransport(port as unknown as chrome.runtime.Port),
      local: PopupContract,
      remote: BackgroundForPopupContract,
      handlers: {},
      listeners: { state: (state) => this.#onState(state) },
      onClose: () => {
        setTimeout(() => {
          this.#peer = this.#connect();
        }, RECONNECT_AFTER);
      },
    });
    peer.call("watch", { tab_id: this.#tab_id }).then(this.#onState, () => {}); // lost: it connects again
    return peer;
  }
}
