// What the popup shows before the service worker has answered, which Chrome may have to start first: the tab and what the user chose
// last, as long as nothing is captured.
import browser from "webextension-polyfill";
import type { PopupState } from "../../protocol/extension-messages.ts";
import { whyNotCapturable } from "../background/capturable.ts";
import { storedChoices } from "../background/choices.ts";

/** The state of a tab of which nothing is known but that; `null`: something is captured, and only the service worker knows how that is. */
export async function firstState(tab_id: number | null): Promise<{ tab_id: number; state: PopupState | null } | null> {
  const { quality, share, audio, destinations } = storedChoices();
  const found =
    tab_id === null
      ? browser.tabs.query({ active: true, currentWindow: true }).then(([front]) => front)
      : browser.tabs.get(tab_id).catch(() => undefined);
  const [tab, captured, ...chosen] = await Promise.all([
    ...([found, browser.storage.session.get("tabs")] as const),
    ...([quality.load(), share.load(), audio.load(), destinations.list()] as const),
  ]);
  if (tab?.id === undefined) return tab_id === null ? null : { tab_id, state: null };
  if (Array.isArray(captured.tabs) && captured.tabs.length > 0) return { tab_id: tab.id, state: null };
  const url = tab.url || tab.pendingUrl || "";
  return {
    tab_id: tab.id,
    state: {
      tab: { tab_id: tab.id, title: tab.title ?? "", url, not_capturable: whyNotCapturable(url) },
      ...{ quality: chosen[0], share: chosen[1] ?? "this-computer", audio: chosen[2], destinations: chosen[3] },
      ...{ host: null, others: [], phase: "idle", stream: null, recording_phase: "idle", recording: null, error: null },
    },
  };
}
