// The browser's tabs, as the rest of the project sees them.
import * as v from "valibot";
import browser from "webextension-polyfill";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { Tab, TabReference } from "../../protocol/native-messages.ts";
import type { CaptureCondition } from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";
import { whyNotCapturable } from "./capturable.ts";
import { StoredValue } from "./storage.ts";

/** How a page can be doing. */
export type PageCondition = Exclude<CaptureCondition, "lost">;

/** The part of Chrome's tab that is used. */
interface ChromeTab {
  readonly id?: number | undefined;
  readonly url?: string | undefined;
  readonly pendingUrl?: string | undefined;
  readonly title?: string | undefined;
}

/** Whether this browser was started by the SDK: only then has the manifest the permission `debugger`. */
export function isAutomation(): boolean {
  return typeof chrome.debugger !== "undefined";
}

/** What a program that drives a person's browser by DevTools says of its tabs: the id of its page by that of the tab. */
const named = new StoredValue("session", "page_targets", v.record(v.string(), v.string()), {});

/** DevTools ids of the tabs' pages by tab id; where the browser belongs to a person, those that a program has told. */
async function targetIds(): Promise<Map<number, string>> {
  if (!isAutomation()) return new Map(Object.entries(await named.load()).map(([tab_id, id]) => [Number(tab_id), id]));
  const ids = new Map<number, string>();
  for (const target of await chrome.debugger.getTargets()) {
    if (target.type === "page" && target.tabId !== undefined) ids.set(target.tabId, target.id);
  }
  return ids;
}

function describe(tab: ChromeTab, targets: ReadonlyMap<number, string>, stream_id: string | null): Tab {
  const url = tab.url || tab.pendingUrl || "";
  const tab_id = tab.id ?? -1;
  return {
    tab_id,
    target_id: targets.get(tab_id) ?? null,
    url,
    title: tab.title ?? "",
    not_capturable: whyNotCapturable(url),
    stream_id,
  };
}

/**
 * Gives one tab.
 * @throws FlyBrowserError `tab_not_found`
 */
export async function getTab(tab_id: number): Promise<Tab> {
  const [tab, targets] = await Promise.all([browser.tabs.get(tab_id).catch(() => null), targetIds()]);
  if (!tab) throw new FlyBrowserError("tab_not_found", { tab: String(tab_id) });
  return describe(tab, targets, null);
}

/**
 * How the page of a tab is doing; `null`: there is no such tab. Chrome has no event for a crash, and the tracks of its capture
 * stay live; the tab's status alone tells. A discarded tab may be loaded behind the user's back (by DevTools): it runs.
 */
export async function pageOf(tab_id: number): Promise<PageCondition | null> {
  const tab = await chrome.tabs.get(tab_id).catch(() => null);
  if (!tab) return null;
  if (tab.status !== "unloaded") return "running";
  return tab.discarded ? "discarded" : "crashed";
}

/** Whether the user, or an extension or setting for them, has muted a tab. Its capture has the sound all the same (seen in Chromium 156). */
export async function isMuted(tab_id: number): Promise<boolean> {
  return (await chrome.tabs.get(tab_id).catch(() => null))?.mutedInfo?.muted ?? false;
}

/** The tab that has opened a tab; `null`: none, or it isn't known. */
export async function openerOf(tab_id: number): Promise<number | null> {
  return (await chrome.tabs.get(tab_id).catch(() => null))?.openerTabId ?? null;
}

/** Gives all tabs; `streamOf` says which stream runs on one. */
export async function listTabs(streamOf: (tab_id: number) => string | null): Promise<Tab[]> {
  const [tabs, targets] = await Promise.all([browser.tabs.query({}), targetIds()]);
  return tabs
    .filter((tab) => tab.id !== undefined && tab.id !== browser.tabs.TAB_ID_NONE)
    .map((tab) => describe(tab, targets, streamOf(tab.id as number)));
}

/**
 * Gives Chrome's id of the tab that is meant; `null` means the one in front.
 * @throws FlyBrowserError `tab_not_found`
 */
export async function resolveTab(reference: TabReference | null): Promise<number> {
  if (reference === null) {
    const front = await activeTab();
    if (front === null) throw new FlyBrowserError("tab_not_found", { tab: sentence("tab.in_front") });
    return front;
  }
  if ("tab_id" in reference) return reference.tab_id;
  for (const [tab_id, target_id] of await targetIds()) if (target_id === reference.target_id) return tab_id;
  throw new FlyBrowserError("tab_not_found", { tab: reference.target_id });
}

/** Gives the tab in front of one window, if any. */
export async function activeTabOf(window_id: number): Promise<number | null> {
  const [tab] = await browser.tabs.query({ active: true, windowId: window_id }).catch(() => []);
  return tab?.id ?? null;
}

/** Gives the tab in front, if any. */
export async function activeTab(): Promise<number | null> {
  const [tab] = await browser.tabs.query({ active: true, lastFocusedWindow: true });
  return tab?.id ?? null;
}
