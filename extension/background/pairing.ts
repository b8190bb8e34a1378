// Pairing: whether a site may use the page API, by what is remembered or by asking the user.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { PairingRequest, PairingScope, PairResult } from "../../protocol/page-messages.ts";
import { isExtension, isSecureOrigin, type Requester } from "./page-sender.ts";
import type { Answer, PairingPrompts } from "./pairing-prompts.ts";
import type { PairingStore } from "./pairing-store.ts";

/** What {@link Pairing} works with. */
export interface PairingDependencies {
  readonly store: Pick<PairingStore, "decision" | "scope" | "remember" | "mayAsk">;
  readonly prompts: Pick<PairingPrompts, "ask">;
}

/** Controls, and what is invisible or turns the direction of writing: it could make words of ours look like theirs. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0]+/gu;
/** More marks upon one letter than any writing has: they would reach into the lines around. */
const PILED = /(\p{M}{3})\p{M}+/gu;

/** A site's own words as one line of visible text, safe to show beside ours. */
export function plainText(words: string): string {
  return words.toWellFormed().replace(/\s+/gu, " ").replace(UNSEEN, "").replace(PILED, "$1").trim();
}

/** The tab whose lifetime a `once` is for; an extension's lasts as long as the browser. */
function tabOf({ origin, tab_id }: Requester): number | null {
  return isExtension(origin) ? null : tab_id;
}

/** Who is paired. */
export class Pairing {
  readonly #deps: PairingDependencies;
  /** The question that a document has open, for its further calls to wait for. */
  readonly #asking = new WeakMap<AbortSignal, Promise<Answer>>();

  constructor(dependencies: PairingDependencies) {
    this.#deps = dependencies;
  }

  /** @throws FlyBrowserError `not_paired` */
  async check(requester: Requester): Promise<PairingScope> {
    const scope = await this.#deps.store.scope(requester.origin, tabOf(requester));
    if (scope === null) throw new FlyBrowserError("not_paired");
    return scope;
  }

  /**
   * Asks the user where nothing is remembered. `gone`: the document that asks has gone; its answer goes to nobody.
   * @throws FlyBrowserError `pairing_denied`, `rate_limited`
   */
  async pair(requester: Requester, purpose: string, gone: AbortSignal): Promise<PairResult> {
    const known = await this.#deps.store.decision(requester.origin, tabOf(requester));
    if (known === "once" || known === "always") return { paired: true, scope: known };
    if (known === "never" || !(await this.#deps.store.mayAsk())) throw new FlyBrowserError("pairing_denied");
    let asking = this.#asking.get(gone);
    if (!asking) {
      asking = this.#ask(requester, purpose, gone).finally(() => this.#asking.delete(gone));
      this.#asking.set(gone, asking);
    }
    const answer = await asking;
    if (answer === "dismissed" || answer === "never") throw new FlyBrowserError("pairing_denied");
    return { paired: true, scope: answer };
  }

  async #ask(requester: Requester, purpose: string, gone: AbortSignal): Promise<Answer> {
    const { origin, window_id, incognito } = requester;
    const only_once = incognito ? "incognito" : isSecureOrigin(origin) ? null : "not_secure";
    const request: PairingRequest = { origin, purpose: plainText(purpose), only_once };
    const answer = await this.#deps.prompts.ask(request, window_id, gone);
    // The page left while the user answered: what was said of it is not kept for whoever comes after.
    if (gone.aborted) return "dismissed";
    if (answer !== "dismissed") await this.#deps.store.remember(origin, tabOf(requester), answer);
    return answer;
  }
}
