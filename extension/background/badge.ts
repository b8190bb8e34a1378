// The badge on the toolbar button of a tab: LIVE, REC, starting, recovering, an error.
import browser from "webextension-polyfill";
import type { StreamView } from "./captured-tabs.ts";
import type { RecordingView } from "./tab-recordings.ts";

const NAME = "FlyBrowser Stream";

interface Badge {
  readonly text: string;
  readonly color: string;
  readonly title: string;
}

const BADGES = {
  idle: { text: "", color: "#5f6368", title: NAME },
  starting: { text: "…", color: "#5f6368", title: `${NAME}: starting` },
  live: { text: "LIVE", color: "#d92d20", title: `${NAME}: this tab is live` },
  recovering: { text: "!", color: "#b54708", title: `${NAME}: reconnecting` },
  stopping: { text: "…", color: "#5f6368", title: `${NAME}: stopping` },
} as const satisfies Record<StreamView["phase"], Badge>;

const RECORDED = {
  starting: { text: "…", color: "#5f6368", title: `${NAME}: starting the recording` },
  recording: { text: "REC", color: "#d92d20", title: `${NAME}: this tab is being recorded` },
  stopping: { text: "…", color: "#5f6368", title: `${NAME}: stopping the recording` },
} as const satisfies Partial<Record<RecordingView["phase"], Badge>>;

/** Gives the badge for what is known of a tab's stream and recording. `phase`: of the recording. */
export function badgeFor(view: StreamView, phase: RecordingView["phase"] = "idle"): Badge {
  const recorded = phase === "idle" || phase === "finishing" ? null : RECORDED[phase];
  if (view.phase === "live" && recorded) {
    return { ...BADGES.live, title: `${NAME}: this tab is live and being recorded` };
  }
  if (view.phase === "idle" && recorded && !view.error) return recorded;
  if (view.phase !== "idle" || !view.error) return BADGES[view.phase];
  return { text: "!", color: "#b54708", title: `${NAME}: ${view.error.message} ${view.error.fix}` };
}

/** Shows the badge on its tab alone. Chrome forgets it at every navigation: call again then. */
export async function showBadge(tabId: number, view: StreamView, phase: RecordingView["phase"]): Promise<void> {
  const { text, color, title } = badgeFor(view, phase);
  try {
    await browser.action.setBadgeText({ tabId, text });
    await browser.action.setTitle({ tabId, title });
    if (text === "") return;
    await browser.action.setBadgeBackgroundColor({ tabId, color });
    await browser.action.setBadgeTextColor?.({ tabId, color: "#ffffff" });
  } catch {
    // The tab has gone meanwhile, and its badge with it.
  }
}
