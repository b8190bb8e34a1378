// The DevTools target id of a page of Puppeteer or Playwright, by which the extension knows which tab is meant.
import { FlyBrowserError } from "../protocol/errors.ts";
import { sentence } from "../protocol/sentence.ts";
import { EXTENSION_ID } from "../protocol/version.ts";

/** What the DevTools sessions of both libraries have in common. */
export interface PageSession {
  send(method: string, params?: object): Promise<unknown>;
  on(event: string, listener: (params: unknown) => void): unknown;
  detach(): Promise<void>;
}

/** What the pages of both libraries have in common, and how each opens a DevTools session. */
export interface AnyPage {
  isClosed(): boolean;
  goto(url: string, options?: never): Promise<unknown>;
  /** Puppeteer. */
  createCDPSession?(): Promise<unknown>;
  /** Playwright. */
  context?(): { newCDPSession(page: never): Promise<unknown> };
}

/** The options of the page's own `goto`. */
export type GotoOptions<P extends AnyPage> = Parameters<P["goto"]>[1];
/** The result of the page's own `goto`. */
export type GotoResult<P extends AnyPage> = Awaited<ReturnType<P["goto"]>>;

/** Opens a DevTools session, which the caller detaches. Rejects if the page is closed. */
export async function openSession(page: AnyPage): Promise<PageSession> {
  const session = page.createCDPSession?.() ?? page.context?.().newCDPSession(page as never);
  return (await session) as PageSession;
}

/**
 * The DevTools target id of a page.
 * @throws FlyBrowserError `tab_not_found` if the page is closed.
 */
export async function targetIdOf(page: AnyPage): Promise<string> {
  try {
    const session = await openSession(page);
    const { targetInfo } = (await session.send("Target.getTargetInfo")) as { targetInfo: { targetId: string } };
    await session.detach();
    return targetInfo.targetId;
  } catch (cause) {
    throw new FlyBrowserError("tab_not_found", { tab: sentence("tab.closed") }, { cause });
  }
}

interface TargetInfo {
  readonly type: string;
  readonly url: string;
  readonly browserContextId?: string;
}

/**
 * Looks whether the extension can know a page; where DevTools doesn't tell, it can.
 * @throws FlyBrowserError `page_in_own_context` where it runs, and the page is in another browser context.
 */
export async function assertSameContext(page: AnyPage): Promise<void> {
  let [own, others]: [TargetInfo | null, TargetInfo[]] = [null, []];
  try {
    const session = await openSession(page);
    own = ((await session.send("Target.getTargetInfo")) as { targetInfo: TargetInfo }).targetInfo;
    others = ((await session.send("Target.getTargets")) as { targetInfos: TargetInfo[] }).targetInfos;
    await session.detach();
  } catch {
    return; // the page is closed: whoever waits for its host is told so
  }
  const ours = others.find(({ type, url }) => type !== "page" && url.startsWith(`chrome-extension://${EXTENSION_ID}/`));
  const [here, there] = [own.browserContextId, ours?.browserContextId];
  if (here !== undefined && there !== undefined && here !== there) throw new FlyBrowserError("page_in_own_context");
}
