// Serves other extensions: the methods of the page API by one-shot messages, each naming its tab. They are paired by their id;
// private tabs are out of their reach.
import * as v from "valibot";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { ExtensionRequestSchema, type PageAnswer, parsePageParams } from "../../protocol/page-messages.ts";
import { sentence } from "../../protocol/sentence.ts";
import { pageCallLimit, type RateLimit } from "../rate-limit.ts";
import { pageError } from "./page-results.ts";
import type { Requester } from "./page-sender.ts";
import type { PageServer } from "./page-server.ts";

/** What {@link ExtensionServer} works with. */
export interface ExtensionServerDependencies {
  readonly pages: Pick<PageServer, "handlers">;
  /** Rejects where there is no such tab. */
  readonly getTab: (tab_id: number) => Promise<{ windowId?: number | undefined; incognito: boolean }>;
}

/** The part of Chrome's `MessageSender` that counts. */
interface ExternalSender {
  readonly id?: string | undefined;
}

interface Caller {
  readonly limit: RateLimit;
  /** Nothing says when an extension goes: its prompt ends by itself. */
  readonly gone: AbortSignal;
}

/** Answers their messages. */
export class ExtensionServer {
  readonly #deps: ExtensionServerDependencies;
  /** One for each extension that is installed, at most. */
  readonly #callers = new Map<string, Caller>();

  constructor(dependencies: ExtensionServerDependencies) {
    this.#deps = dependencies;
  }

  /** Gives the answer to a message; never rejects. */
  async receive(message: unknown, sender: ExternalSender): Promise<PageAnswer> {
    try {
      return { id: 0, ok: true, result: await this.#call(message, sender) };
    } catch (thrown) {
      const { code, message: sentence, fix } = pageError(thrown);
      return { id: 0, ok: false, error: { code, message: sentence, fix } };
    }
  }

  async #call(message: unknown, sender: ExternalSender): Promise<unknown> {
    if (!sender.id) throw new FlyBrowserError("page_not_allowed", { reason: sentence("page.not_an_extension") });
    const parsed = v.safeParse(ExtensionRequestSchema, message);
    if (!parsed.success) {
      throw new FlyBrowserError("invalid_option", {
        option: "message",
        value: sentence("value.hidden"),
        allowed: sentence("allowed.page_message"),
      });
    }
    const { method, params, tab_id } = parsed.output;
    const page = await this.#requester(sender.id, method === "pair" ? (tab_id ?? -1) : tab_id);
    const checked = parsePageParams(method, params);
    const { gone, limit } = this.#caller(sender.id);
    const handler = this.#deps.pages.handlers(page, gone, limit)[method] as (params: unknown) => Promise<unknown>;
    return handler(checked);
  }

  async #requester(id: string, tab_id: number | undefined): Promise<Requester> {
    const origin = `chrome-extension://${id}`;
    if (tab_id === -1) return { origin, tab_id, window_id: null, incognito: false };
    if (tab_id === undefined) {
      throw new FlyBrowserError("invalid_option", {
        option: "tab_id",
        value: sentence("value.left_out"),
        allowed: sentence("allowed.tab_id"),
      });
    }
    const tab = await this.#deps.getTab(tab_id).catch(() => null);
    // A private tab is as good as none.
    if (!tab || tab.incognito) throw new FlyBrowserError("tab_not_found", { tab: String(tab_id) });
    return { origin, tab_id, window_id: tab.windowId ?? null, incognito: false };
  }

  #caller(id: string): Caller {
    const known = this.#callers.get(id);
    if (known) return known;
    const caller = { limit: pageCallLimit(), gone: new AbortController().signal };
    this.#callers.set(id, caller);
    return caller;
  }
}
