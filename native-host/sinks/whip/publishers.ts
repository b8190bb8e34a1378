// The connections to WHIP servers, which the extension's capturing document holds: begins and ends them, and hands out what is told of
// each.
import type { ExtensionContract, IceServer, PublisherReport } from "../../../protocol/native-messages.ts";
import type { Params, Result } from "../../../protocol/rpc.ts";
import { randomToken } from "../../stream/identity.ts";

type Method = "openPublisher" | "answerPublisher" | "closePublisher";
/** Calls the extension. */
export type CallExtension = <M extends Method>(
  method: M,
  params: Params<typeof ExtensionContract, M>,
) => Promise<Result<typeof ExtensionContract, M>>;

/** One connection. */
export interface Publisher {
  /** SDP, with all candidates. */
  readonly offer: string;
  /** @throws FlyBrowserError `webrtc_answer_invalid`, `no_active_stream` */
  answer(sdp: string): Promise<void>;
  /** Idempotent. */
  close(): Promise<void>;
}

/** All of this host. */
export class Publishers {
  readonly #call: CallExtension;
  readonly #ice_servers: readonly IceServer[];
  readonly #listeners = new Map<string, (report: PublisherReport) => void>();

  constructor(call: CallExtension, ice_servers: readonly IceServer[]) {
    this.#call = call;
    this.#ice_servers = ice_servers;
  }

  /**
   * Begins a connection of a stream for a destination.
   * @throws FlyBrowserError `no_active_stream`, `capture_failed`, `host_lost`
   */
  async open(
    stream_id: string,
    destination_id: string,
    onReport: (report: PublisherReport) => void,
  ): Promise<Publisher> {
    const publisher_id = `publisher_${randomToken(9)}`;
    const ice_servers = [...this.#ice_servers];
    const close = async () => {
      this.#listeners.delete(publisher_id);
      await this.#call("closePublisher", { stream_id, publisher_id }).catch(() => {}); // it went with its capture
    };
    this.#listeners.set(publisher_id, onReport);
    try {
      const { offer } = await this.#call("openPublisher", { stream_id, publisher_id, destination_id, ice_servers });
      const answer = async (sdp: string) => {
        await this.#call("answerPublisher", { stream_id, publisher_id, answer: sdp });
      };
      return { offer, answer, close };
    } catch (thrown) {
      await close();
      throw thrown;
    }
  }

  /** Something is told of one. */
  changed(publisher_id: string, report: PublisherReport): void {
    this.#listeners.get(publisher_id)?.(report);
  }
}
