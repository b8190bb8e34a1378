// Serves the pages: one connection a document, each call counted, paired or refused, then done. Nothing that comes over the
// connection is trusted but its sender, as the browser names it.
import type * as v from "valibot";
import { FlyBrowserError, type InWords, inWords } from "../../protocol/errors.ts";
import {
  BackgroundForPageContract,
  PageContract,
  type PageMethod,
  parsePageParams,
} from "../../protocol/page-messages.ts";
import { type Handlers, Peer } from "../../protocol/rpc.ts";
import { portTransport } from "../../protocol/transport.ts";
import { logOf } from "../log.ts";
import { pageCallLimit, type RateLimit, takeCall } from "../rate-limit.ts";
import type { PageActions } from "./page-actions.ts";
import { pageError } from "./page-results.ts";
import { type Requester, requesterOf, type Sender } from "./page-sender.ts";
import type { Pairing } from "./pairing.ts";

/** What {@link PageServer} works with. */
export interface PageServerDependencies {
  readonly pairing: Pick<Pairing, "check" | "pair">;
  readonly actions: Pick<PageActions, keyof PageActions>;
  /** Resolves once the service worker knows the streams that go on. */
  readonly ready: () => Promise<unknown>;
}

type Params<M extends PageMethod> = v.InferOutput<(typeof BackgroundForPageContract.methods)[M]["params"]>;
type PageHandlers = Handlers<typeof BackgroundForPageContract>;

const log = logOf("page");

/** Serves content scripts and, by the same handlers, other extensions (extension-server.ts). */
export class PageServer {
  readonly #deps: PageServerDependencies;

  constructor(dependencies: PageServerDependencies) {
    this.#deps = dependencies;
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
      handlers: this.handlers(page, gone.signal, pageCallLimit()),
      listeners: {},
      onClose: () => gone.abort(),
      onInvalid: (error) => log.warn(error.message),
    });
  }

  /** The methods for one requester; each may be called as often as `limit` says, until it has `gone`. */
  handlers(page: Requester | FlyBrowserError, gone: AbortSignal, limit: RateLimit): PageHandlers {
    const { actions, pairing, ready } = this.#deps;

    /** A call of this document: nothing of it happens before it was counted, and the page found to be one. */
    const counted =
      <P, R>(method: PageMethod, run: (page: Requester, params: P) => Promise<R>) =>
      async (params: P): Promise<InWords<R>> => {
        try {
          takeCall(limit);
          if (page instanceof FlyBrowserError) throw page;
          parsePageParams(method, params);
          return inWords(await run(page, params));
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
