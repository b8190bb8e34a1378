// The DevTools id of a page, from Puppeteer or Playwright: by it the extension knows which tab is meant.
// Never keeps a DevTools session open itself.
import { FlyBrowserError } from "../protocol/errors.ts";

/** As much of a DevTools session as both libraries have. */
export interface PageSession {
  send(method: string, params?: object): Promise<unknown>;
  on(event: string, listener: (params: unknown) => void): unknown;
  detach(): Promise<void>;
}

/** As much of a page as both libraries have; each gives DevTools sessions in its own way. */
export interface AnyPage {
  isClosed(): boolean;
  goto(url: string, options?: never): Promise<unknown>;
  /** Puppeteer. */
  createCDPSession?(): Promise<unknown>;
  /** Playwright. */
  context?(): { newCDPSession(page: never): Promise<unknown> };
}

/** What the page's own `goto` may be given besides the address. */
export type GotoOptions<P extends AnyPage> = Parameters<P["goto"]>[1];
/** What the page's own `goto` gives. */
export type GotoResult<P extends AnyPage> = Awaited<ReturnType<P["goto"]>>;

/** Opens a DevTools session of the page; the caller ends it. Rejects when the page is closed. */
export async function openSession(page: AnyPage): Promise<PageSession> {
  const made = page.createCDPSession?.() ?? page.context?.().newCDPSession(page as never);
  return (await made) as PageSession;
}

/**
 * The DevTools id of a page.
 * @throws FlyBrowserError `tab_not_found` when the page is closed.
 */
export async function targetIdOf(page: AnyPage): Promise<string> {
  try {
    const session = await openSession(page);
    const { targetInfo } = (await session.send("Target.getTargetInfo")) as { targetInfo: { targetId: string } };
    await session.detach();
    return targetInfo.targetId;
  } catch (cause) {
    throw new FlyBrowserError("tab_not_found", { tab: "of this page: it is closed, or its browser is" }, { cause });
  }
}
