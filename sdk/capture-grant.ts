// The click on the extension's button, which Chrome wants before a tab may be captured, done by DevTools (Extensions.triggerAction), and
// what DevTools tells of the extension.
import { FlyBrowserError } from "../protocol/errors.ts";
import { EXTENSION_ID } from "../protocol/version.ts";
import { type BrowserSession, browserOf, browserSession, openTargetSession } from "./browser-session.ts";
import type { AnyPage } from "./page-target.ts";

/** A target, as `Target.getTargets` tells of it. */
export interface TargetInfo {
  readonly targetId: string;
  readonly type: string;
  readonly url: string;
  readonly title: string;
}

/** An extension, as `Extensions.getExtensions` tells of it. */
export interface LoadedExtension {
  readonly id: string;
  readonly path: string;
  readonly enabled: boolean;
}

/** Everything that has a target, tabs and workers too. */
export async function allTargets(session: BrowserSession): Promise<readonly TargetInfo[]> {
  const { targetInfos } = (await session.send("Target.getTargets", { filter: [{}] })) as { targetInfos: TargetInfo[] };
  return targetInfos;
}

/** Our extension in the browser; `null`: it isn't there, or is switched off. @throws what the browser says */
export async function loadedExtension(session: BrowserSession): Promise<LoadedExtension | null> {
  const { extensions } = (await session.send("Extensions.getExtensions")) as { extensions: LoadedExtension[] };
  return extensions.find(({ id, enabled }) => id === EXTENSION_ID && enabled) ?? null;
}

/** The target of the tab that a page is in; `null`: none. Only by asking it does a tab tell which page is in it. */
async function tabOf(session: BrowserSession, targetId: string): Promise<string | null> {
  const targets = await allTargets(session);
  const page = targets.find((target) => target.targetId === targetId);
  const tabs = targets.filter(({ type }) => type === "tab");
  const alike = tabs.filter(({ url, title }) => url === page?.url && title === page.title);
  if (alike.length === 1) return alike[0]?.targetId ?? null;
  for (const tab of tabs) {
    const inside = await openTargetSession(session, tab.targetId);
    try {
      await inside.send("Target.setAutoAttach", { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
      if (inside.attached.includes(targetId)) return tab.targetId;
    } finally {
      await inside.detach();
    }
  }
  return null;
}

const POPUP = `chrome-extension://${EXTENSION_ID}/extension/popup/`;

/**
 * Clicks the button of the extension for the page with this DevTools id, over a session with the browser. Gives whether it could. Nothing
 * comes of it behind another tab: with `front` the page is brought to the front first.
 */
export async function clickButton(session: BrowserSession, targetId: string, front: boolean): Promise<boolean> {
  // The command is for an extension that is loaded; DevTools doesn't check that.
  if (!(await loadedExtension(session))) return false;
  const tab = await tabOf(session, targetId);
  if (tab === null) return false;
  if (front) await session.send("Target.activateTarget", { targetId });
  await session.send("Extensions.triggerAction", { id: EXTENSION_ID, targetId: tab });
  // One that its user has installed opens its popup.
  for (const { targetId: popup, url } of await allTargets(session))
    if (url.startsWith(POPUP)) await session.send("Target.closeTarget", { targetId: popup });
  return true;
}

/** Runs `begin`; where Chrome wants a click first, it is done and told, and `begin` runs again. `targetId`: of the page that is captured. */
export async function withGrant<T>(
  page: AnyPage,
  targetId: () => Promise<string>,
  begin: () => Promise<T>,
  onClick: () => void = () => {},
): Promise<T> {
  try {
    return await begin();
  } catch (thrown) {
    if (!(thrown instanceof FlyBrowserError && thrown.code === "tab_not_invoked")) throw thrown;
    if (!(await grantCapture(page, await targetId()))) throw thrown;
    onClick();
    return begin();
  }
}

/** Clicks the button by way of a page of the same browser. Gives whether it could; a browser that refuses it is no error. */
export async function grantCapture(page: AnyPage, targetId: string, front = true): Promise<boolean> {
  const browser = browserOf(page);
  if (!browser) return false;
  try {
    return await clickButton(await browserSession(browser), targetId, front);
  } catch {
    return false;
  }
}
