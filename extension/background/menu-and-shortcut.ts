// Start and stop without the popup: an entry in the context menu, a keyboard shortcut. Chrome takes both as the user's leave to
// capture the tab.
import browser from "webextension-polyfill";
import type { FlyBrowserError } from "../../protocol/errors.ts";
import type { Share } from "../../protocol/options.ts";
import type { Quality } from "../../protocol/profiles.ts";
import { logOf } from "../log.ts";
import type { CapturedTabs } from "./captured-tabs.ts";
import { chromeText } from "./chrome-text.ts";
import { activeTab } from "./tabs.ts";

const MENU = "toggle-stream";
const COMMAND = "toggle-stream";

const log = logOf("menu");

/** Opens the popup when `tab_id` is the tab in front and Chrome allows it. */
export async function openPopup(tab_id: number): Promise<void> {
  if ((await activeTab()) === tab_id) await chrome.action.openPopup().catch(() => {});
}

/** What the entry and the shortcut act on. */
export interface MenuDependencies {
  readonly captured: Pick<CapturedTabs, "get" | "view" | "startStream" | "stopStream">;
  readonly loadQuality: () => Promise<Quality>;
  /** Whom streams are shared with; `null`: the user never chose. */
  readonly loadShare: () => Promise<Share | null>;
}

async function toggle({ captured, loadQuality, loadShare }: MenuDependencies, tab_id: number): Promise<void> {
  if (captured.view(tab_id).phase !== "idle") {
    await captured.stopStream(tab_id, "stopped by the user");
    return;
  }
  try {
    // A tab that is recorded is encoded already: the stream joins it as it is.
    const options = captured.get(tab_id) ? {} : { quality: await loadQuality() };
    const share = await loadShare();
    await captured.startStream(tab_id, { ...options, ...(share === null ? {} : { share }) });
  } catch (thrown) {
    log.warn((thrown as FlyBrowserError).message);
  }
  // The popup copies the link, or shows the error and what to do; where Chrome doesn't open it, the badge has either.
  await openPopup(tab_id);
}

/** Registers the listeners; must run while the service worker starts, or Chrome's event is lost. */
export function listenToMenuAndShortcut(dependencies: MenuDependencies): void {
  browser.runtime.onInstalled.addListener(() => {
    void browser.contextMenus.removeAll().then(() => {
      // Not a list: none of the named contexts is there on a canvas.
      browser.contextMenus.create({ id: MENU, title: chromeText("menu.start"), contexts: ["all"] });
    });
  });
  browser.contextMenus.onClicked.addListener((info, tab) => {
    if (info.menuItemId === MENU && tab?.id !== undefined) void toggle(dependencies, tab.id);
  });
  browser.commands.onCommand.addListener((command, tab) => {
    if (command !== COMMAND) return;
    if (tab?.id !== undefined) void toggle(dependencies, tab.id);
    else void activeTab().then((tab_id) => (tab_id === null ? undefined : toggle(dependencies, tab_id)));
  });
  browser.tabs.onActivated.addListener(({ tabId }) => void showMenu(dependencies.captured, tabId));
  browser.windows.onFocusChanged.addListener(() => {
    void activeTab().then((tab_id) => (tab_id === null ? undefined : showMenu(dependencies.captured, tab_id)));
  });
}

/** Names the entry after what it would do, when `tab_id` is the tab in front. */
export async function showMenu(captured: MenuDependencies["captured"], tab_id: number): Promise<void> {
  if ((await activeTab()) !== tab_id) return;
  const title = captured.view(tab_id).phase === "idle" ? chromeText("menu.start") : chromeText("menu.stop");
  await browser.contextMenus.update(MENU, { title }).catch(() => {}); // not made yet
}
