// What the options page asks of the service worker: the state as it comes, and the calls.
// Never keeps a copy of the state.
import { BackgroundForOptionsContract, OPTIONS_PORT, type OptionsState } from "../../protocol/page-messages.ts";
import { StateConnection } from "../state-connection.ts";

/** The connection of one options page. */
export class OptionsConnection {
  readonly #background: StateConnection<typeof BackgroundForOptionsContract>;

  constructor(onState: (state: OptionsState) => void) {
    this.#background = new StateConnection({
      port: OPTIONS_PORT,
      background: BackgroundForOptionsContract,
      listeners: { state: onState },
      watch: (peer) => peer.call("watch", {}).then(onState),
    });
  }

  /** Forgets everything about a site. */
  async revoke(origin: string): Promise<void> {
    await this.#background.peer.call("revoke", { origin });
  }

  /** Lets sites ask, or not. */
  async setMayAsk(may_ask: boolean): Promise<void> {
    await this.#background.peer.call("setMayAsk", { may_ask });
  }

  /** Lets the host stay for programs on this computer, or not. */
  async setPrograms(programs: boolean): Promise<void> {
    await this.#background.peer.call("setPrograms", { programs });
  }
}
