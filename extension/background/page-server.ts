// Serves the pages: one connection a document, each call counted, paired or refused, then done.
// Never trusts anything that comes over the connection but its sender, as the browser names it.
import type * as v from "valibot";
import { FlyBrowserError } from "../../protocol/errors.ts";
import {
  BackgroundForPageContract,
  PageContract,
  type PageMethod,
  parsePageParams,
} from "../../protocol/page-messages.ts";
import { type Handlers, Peer } from "../../protocol/rpc.ts";
import { portTransport } from "../../protocol/transport.ts";
import { logOf } from "../log.ts";
import { CALLS_AT_ONCE, CALLS_PER_SECOND } from "../page/limits.ts";
import { RateLimit } from "../rate-limit.ts";
import type { PageActions } from "./page-actions.ts";
import { pageError } from "./page-results.ts";
import { type Requester, requesterOf, type Sender } from "./page-sender.ts";
import type { Pairing } from "./pairing.ts";

/** What the pages are served from. */
export interface PageServerParts {
  readonly pairing: Pick<Pairing, "check" | "pair">;
  readonly actions: Pick<PageActions, keyof PageActions>;
  /** Resolves once the service worker knows the streams that go on. */
  readonly ready: () => Promise<unknown>;
}

type Params<M extends PageMethod> = v.InferOutput<(typeof BackgroundForPageContract.methods)[M]["params"]>;
type PageHandlers = Handlers<typeof BackgroundForPageContract>;

const log = logOf("page");

/** Serves them. */
export class PageServer {
  readonly #parts: PageServerParts;

  constructor(parts: PageServerParts) {
    this.#parts = parts;
  }

  /** Takes the port of a content script. One that isn't a page's top document is turned away. */
  takePort(port: chrome.runtime.Port): void {
    let page: Requester | FlyBrowserError;
    try {
      page = requesterOf(port.sender as Sender | undefined, chrome.runtime.id);
    } catch (thrown) {
      page = thrown as FlyBrowserError;
    }
    const gone = new AbortController();
    new Peer({
      transport: portTransport(port),
      local: BackgroundForPageContract,
      remote: PageContract,
      handlers: this.handlers(page, gone.signal, new RateLimit(CALLS_AT_ONCE, CALLS_PER_SECOND)),
      listeners: {},
      onClose: () => gone.abort(),
      onInvalid: (error) => log.warn(error.message),
    });
  }

  /** The methods for one requester; each may be called as often as `limit` says, until it has `gone`. */
  handlers(page: Requester | FlyBrowserError, gone: AbortSignal, limit: RateLimit): PageHandlers {
    const { actions, pairing, ready } = this.#parts;

    /** A call of this document: nothing of it happens before it was counted, and the page found to be one. */
    const counted =
      <P, R>(method: PageMethod, run: (page: Requester, params: P) => Promise<R>) =>
      async (params: P): Promise<R> => {
        try {
          const seconds = limit.take();
          if (seconds > 0)
            throw new FlyBrowserError("rate_limited", { limit: `${CALLS_PER_SECOND} a second`, seconds });
          if (page instanceof FlyBrowserError) throw page;
          parsePageParams(method, params);
          return await run(page, params);
        } catch (thrown) {
          throw pageError(thrown);
        }
      };
    /** The same, for a page that is paired. */
    const paired = <P, R>(method: PageMethod, run: (page: Requester, params: P) => Promise<R>) =>
      counted<P, R>(method, async (page, params) => {
        await pairing.check(page);
        await ready();
        return run(page, params);
      });
    return {
      pair: counted("pair", (page, { purpose }: { purpose: string }) => pairing.pair(page, purpose, gone)),
      startStream: paired("startStream", (page, { options }: { options?: unknown }) =>
        actions.startStream(page, options),
      ),
      stopStream: paired("stopStream", (page) => actions.stopStream(page)),
      getStreamStatus: paired("getStreamStatus", (page) => actions.getStreamStatus(page)),
      startRecording: paired("startRecording", (page, { options }) => actions.startRecording(page, options)),
      stopRecording: paired("stopRecording", (page) => actions.stopRecording(page)),
      beginTask: paired("beginTask", (page, task: Params<"beginTask">) => actions.beginTask(page, task)),
      updateTask: paired("updateTask", (page, { task_id, ...change }: Params<"updateTask">) =>
        actions.updateTask(page, task_id, change),
      ),
    };
  }
}
