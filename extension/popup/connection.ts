// What the popup asks of the service worker about its tab: the state as it comes, and the calls.
// Never keeps a copy of the state.
import { BackgroundForPopupContract, POPUP_PORT, type PopupState } from "../../protocol/extension-messages.ts";
import type { Quality } from "../../protocol/profiles.ts";
import type {
  StartRecordingResult,
  StartStreamResult,
  StopRecordingResult,
  StopStreamResult,
} from "../../protocol/results.ts";
import { StateConnection } from "../state-connection.ts";

/** The connection of one popup. */
export class Connection {
  readonly #tab_id: number;
  readonly #background: StateConnection<typeof BackgroundForPopupContract>;

  constructor(tab_id: number, onState: (state: PopupState) => void) {
    this.#tab_id = tab_id;
    this.#background = new StateConnection({
      port: POPUP_PORT,
      background: BackgroundForPopupContract,
      listeners: { state: onState },
      watch: (peer) => peer.call("watch", { tab_id }).then(onState),
    });
  }

  /** Starts streaming the tab; `quality`: `null` for one that is recorded, which is encoded already. Errors also arrive in the state. */
  start(quality: Quality | null): Promise<StartStreamResult> {
    const options = quality === null ? {} : { quality };
    return this.#background.peer.call("startStream", { tab_id: this.#tab_id, options });
  }

  /** Stops the stream of the tab. */
  stop(): Promise<StopStreamResult> {
    return this.#background.peer.call("stopStream", { tab_id: this.#tab_id });
  }

  /** Records the tab. Errors also arrive in the state. */
  record(): Promise<StartRecordingResult> {
    return this.#background.peer.call("startRecording", { tab_id: this.#tab_id });
  }

  /** Stops the recording of the tab; its file may still be made then. */
  stopRecording(): Promise<StopRecordingResult> {
    return this.#background.peer.call("stopRecording", { tab_id: this.#tab_id });
  }

  /** Remembers the choice. */
  async setQuality(quality: Quality): Promise<void> {
    await this.#background.peer.call("setQuality", { quality });
  }
}
