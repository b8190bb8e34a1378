// Start and stop without the popup: an entry in the context menu, a keyboard shortcut.
// Never starts anything by itself: both are clicks of the user, which Chrome takes as leave to capture the tab.
import browser from "webextension-polyfill";
import type { FlyBrowserError } from "../../protocol/errors.ts";
import { logOf } from "../log.ts";
import type { CapturedTabs } from "./captured-tabs.ts";
import { loadQuality } from "./settings.ts";
import type { Streams } from "./streams.ts";
import { activeTab } from "./tabs.ts";

const MENU = "toggle-stream";
const COMMAND = "toggle-stream";
const START = "Stream this tab";
const STOP = "Stop streaming this tab";

const log = logOf("menu");

/** Opens the popup when `tab_id` is the tab in front and Chrome allows it. */
export async function openPopup(tab_id: number): Promise<void> {
  if ((await activeTab()) === tab_id) await chrome.action.openPopup().catch(() => {});
}

/** What the entry and the shortcut act on. */
export interface MenuParts {
  readonly streams: Pick<Streams, "startStream" | "stopStream">;
  readonly captured: Pick<CapturedTabs, "view" | "captureOf">;
}

async function toggle({ streams, captured }: MenuParts, tab_id: number): Promise<void> {
  if (captured.view(tab_id).phase !== "idle") {
    await streams.stopStream(tab_id, "stopped by the user");
    return;
  }
  try {
    // A tab that is recorded is encoded already: the stream joins it as it is.
    const options = captured.captureOf(tab_id) === null ? { quality: await loadQuality() } : {};
    await streams.startStream(tab_id, options);
  } catch (thrown) {
    log.warn((thrown as FlyBrowserError).message);
    // The popup shows the error and what to do; where Chrome doesn't open it, the badge has it.
    await openPopup(tab_id);
  }
}

/** Registers the listeners; must run while the service worker starts, or Chrome's event is lost. */
export function listenToMenuAndShortcut(parts: MenuParts): void {
  browser.runtime.onInstalled.addListener(() => {
    void browser.contextMenus.removeAll().then(() => {
      // Not a list: none of the named contexts is there on a canvas.
      browser.contextMenus.create({ id: MENU, title: START, contexts: ["all"] });
    });
  });
  browser.contextMenus.onClicked.addListener((info, tab) => {
    if (info.menuItemId === MENU && tab?.id !== undefined) void toggle(parts, tab.id);
  });
  browser.commands.onCommand.addListener((command, tab) => {
    if (command !== COMMAND) return;
    if (tab?.id !== undefined) void toggle(parts, tab.id);
    else void activeTab().then((tab_id) => (tab_id === null ? undefined : toggle(parts, tab_id)));
  });
  browser.tabs.onActivated.addListener(({ tabId }) => void showMenu(parts.captured, tabId));
  browser.windows.onFocusChanged.addListener(() => {
    void activeTab().then((tab_id) => (tab_id === null ? undefined : showMenu(parts.captured, tab_id)));
  });
}

/** Names the entry after what it would do, when `tab_id` is the tab in front. */
export async function showMenu(captured: MenuParts["captured"], tab_id: number): Promise<void> {
  if ((await activeTab()) !== tab_id) return;
  const title = captured.view(tab_id).phase === "idle" ? START : STOP;
  await browser.contextMenus.update(MENU, { title }).catch(() => {}); // not made yet
}
