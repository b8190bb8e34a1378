// Between the page's world and the service worker: each call is checked here, and again there. Who the page is, the browser
// tells the service worker itself.
import * as v from "valibot";
import { FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import {
  BackgroundForPageContract,
  type PageAnswer,
  PageContract,
  PageRequestSchema,
  parsePageParams,
} from "../../protocol/page-messages.ts";
import { Peer } from "../../protocol/rpc.ts";
import { sentence } from "../../protocol/sentence.ts";
import type { Transport } from "../../protocol/transport.ts";
import { pageCallLimit, takeCall } from "../rate-limit.ts";

/** What a {@link Bridge} needs. */
export interface BridgeOptions {
  /** Makes a connection to the service worker. */
  readonly connect: () => Promise<Transport>;
  /** Sends an answer to the page's world. */
  readonly answer: (answer: PageAnswer) => void;
}

type BackgroundPeer = Peer<typeof PageContract, typeof BackgroundForPageContract>;

/** Serves the calls of one document. */
export class Bridge {
  readonly #options: BridgeOptions;
  readonly #limit = pageCallLimit();
  #connecting: Promise<BackgroundPeer> | null = null;
  #lastId = 0;

  constructor(options: BridgeOptions) {
    this.#options = options;
  }

  /** Takes what came from the page's world. What isn't a call, or is one for the second time, is not answered. */
  async receive(message: unknown): Promise<void> {
    const parsed = v.safeParse(PageRequestSchema, message);
    if (!parsed.success || parsed.output.id <= this.#lastId) return;
    const { id, method, params } = parsed.output;
    this.#lastId = id;
    try {
      takeCall(this.#limit);
      const checked = parsePageParams(method, params);
      const result = await this.#call(method, checked);
      this.#options.answer({ id, ok: true, result });
    } catch (thrown) {
      const { code, message: sentence, fix } = toFlyBrowserError(thrown);
      this.#options.answer({ id, ok: false, error: { code, message: sentence, fix } });
    }
  }

  async #call(method: keyof typeof BackgroundForPageContract.methods, params: unknown): Promise<unknown> {
    const connecting = this.#connect();
    const peer = await connecting;
    try {
      // Checked above by the schema of this very method.
      return await (peer.call as (method: string, params: unknown) => Promise<unknown>).call(peer, method, params);
    } catch (thrown) {
      if (this.#connecting === connecting || (thrown as FlyBrowserError).code !== "host_lost") throw thrown;
      throw new FlyBrowserError("extension_lost", { reason: sentence("page.extension_restarted") });
    }
  }

  #connect(): Promise<BackgroundPeer> {
    if (this.#connecting) return this.#connecting;
    const forget = () => {
      if (this.#connecting === connecting) this.#connecting = null;
    };
    const connecting: Promise<BackgroundPeer> = this.#options.connect().then(
      (transport) =>
        new Peer({
          transport,
          local: PageContract,
          remote: BackgroundForPageContract,
          handlers: {},
          listeners: {},
          onClose: forget,
        }),
      (thrown: unknown) => {
        forget();
        throw new FlyBrowserError("extension_lost", { reason: sentence("page.extension_updated") }, { cause: thrown });
      },
    );
    this.#connecting = connecting;
    return connecting;
  }
}
