// DevTools sessions with the browser itself, of either library, and by way of them with any target of it: Playwright gives none with a
// service worker or a tab.
import { LATE, timeout } from "../protocol/async.ts";
import type { AnyPage, PageSession } from "./page-target.ts";

/** What the browsers of both libraries have, each its own. */
interface AnyBrowser {
  /** Puppeteer. */
  target?(): { createCDPSession(): Promise<unknown> };
  /** Playwright. */
  newBrowserCDPSession?(): Promise<unknown>;
}

/** ms that an answer may take. */
const ANSWER_TIMEOUT = 5_000;

/** The browser of a page, as its library gives it; `null`: it gives none. */
export function browserOf(page: AnyPage): AnyBrowser | null {
  const either = page as AnyPage & { browser?(): AnyBrowser };
  const context = page.context?.() as { browser?(): AnyBrowser | null } | undefined;
  return either.browser?.() ?? context?.browser?.() ?? null;
}

const sessions = new WeakMap<AnyBrowser, Promise<BrowserSession>>();

/** A session with a browser. */
export interface BrowserSession extends PageSession {
  off(event: string, listener: (params: unknown) => void): unknown;
}

/**
 * The session with a browser, one for all who ask: of several, Puppeteer 24 takes the end of one for that of the browser. It ends with
 * the browser.
 */
export function browserSession(browser: AnyBrowser): Promise<BrowserSession> {
  const open = async () =>
    (await (browser.newBrowserCDPSession?.() ?? browser.target?.().createCDPSession())) as BrowserSession;
  const session = sessions.get(browser) ?? open();
  sessions.set(browser, session);
  return session;
}

/** A session with a target. */
export interface TargetSession {
  /** @throws Error with what the browser says */
  send<T>(method: string, params?: object): Promise<T>;
  /** DevTools ids of the targets that were attached below it. */
  readonly attached: readonly string[];
  detach(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly method?: string;
  readonly params?: { readonly targetInfo?: { readonly targetId: string } };
  readonly result?: unknown;
  readonly error?: { readonly message: string };
}

/** Opens one with a target, inside the messages of the browser's session (DevTools protocol: Target.sendMessageToTarget). */
export async function openTargetSession(browser: BrowserSession, targetId: string): Promise<TargetSession> {
  const { sessionId } = (await browser.send("Target.attachToTarget", { targetId, flatten: false })) as {
    sessionId: string;
  };
  const waiting = new Map<number, (message: Message) => void>();
  const attached: string[] = [];
  const receive = (params: unknown) => {
    const received = params as { sessionId: string; message: string };
    if (received.sessionId !== sessionId) return;
    const message = JSON.parse(received.message) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    if (message.method === "Target.attachedToTarget") attached.push(message.params?.targetInfo?.targetId ?? "");
  };
  browser.on("Target.receivedMessageFromTarget", receive);
  let last = 0;
  return {
    attached,
    send: async <T>(method: string, params: object = {}): Promise<T> => {
      last++;
      const id = last;
      const answer = new Promise<Message>((resolve) => waiting.set(id, resolve));
      try {
        await browser.send("Target.sendMessageToTarget", {
          sessionId,
          message: JSON.stringify({ id, method, params }),
        });
        const message = await timeout(answer, ANSWER_TIMEOUT);
        if (message === LATE) throw new Error(`${method}: no answer`);
        if (message.error) throw new Error(`${method}: ${message.error.message}`);
        return message.result as T;
      } finally {
        waiting.delete(id);
      }
    },
    detach: async () => {
      browser.off("Target.receivedMessageFromTarget", receive);
      await browser.send("Target.detachFromTarget", { sessionId }).catch(() => {}); // it is gone
    },
  };
}
