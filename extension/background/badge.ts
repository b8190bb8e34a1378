// The badge on the toolbar button of a tab: LIVE in the colour of its health, REC, starting, recovering, an error.
import browser from "webextension-polyfill";
import type { StreamView } from "./captured-tabs.ts";
import { type ChromeTextCode, chromeText } from "./chrome-text.ts";
import type { RecordingView } from "./tab-recordings.ts";

const COLORS = { quiet: "#5f6368", good: "#0b7a4b", middling: "#b54708", bad: "#d92d20" } as const;

/** What stands on the button. */
export interface Badge {
  readonly text: string;
  readonly color: string;
  /** What the button says to who points at it, by its code. */
  readonly title: ChromeTextCode;
}

const BADGES = {
  idle: { text: "", color: COLORS.quiet, title: "badge.idle" },
  starting: { text: "…", color: COLORS.quiet, title: "badge.starting" },
  live: { text: "LIVE", color: COLORS.good, title: "badge.live" },
  recovering: { text: "!", color: COLORS.middling, title: "badge.recovering" },
  stopping: { text: "…", color: COLORS.quiet, title: "badge.stopping" },
} as const satisfies Record<StreamView["phase"], Badge>;

const RECORDED = {
  starting: { text: "…", color: COLORS.quiet, title: "badge.record_starting" },
  recording: { text: "REC", color: COLORS.bad, title: "badge.recording" },
  stopping: { text: "…", color: COLORS.quiet, title: "badge.record_stopping" },
} as const satisfies Partial<Record<RecordingView["phase"], Badge>>;

const HEALTH = {
  healthy: {},
  degraded: { color: COLORS.middling, title: "badge.degraded" },
  unhealthy: { color: COLORS.bad, title: "badge.unhealthy" },
} as const satisfies Record<"healthy" | "degraded" | "unhealthy", Partial<Badge>>;

/** Gives the badge for what is known of a tab's stream and recording. `phase`: of the recording. */
export function badgeFor(view: StreamView, phase: RecordingView["phase"] = "idle"): Badge {
  const recorded = phase === "idle" || phase === "finishing" ? null : RECORDED[phase];
  if (view.phase === "live") {
    const both = recorded ? { title: "badge.live_recording" as const } : {};
    return { ...BADGES.live, ...both, ...HEALTH[view.info?.health ?? "healthy"] };
  }
  if (view.phase === "idle" && recorded && !view.error) return recorded;
  if (view.phase !== "idle" || !view.error) return BADGES[view.phase];
  return { text: "!", color: COLORS.middling, title: "badge.error" };
}

/** The badges of all tabs. */
export class Badges {
  /** What each tab shows, so that Chrome isn't asked for the same every second. */
  readonly #shown = new Map<number, string>();

  /** Shows the badge on its tab alone. */
  async show(tabId: number, view: StreamView, phase: RecordingView["phase"]): Promise<void> {
    const badge = badgeFor(view, phase);
    const { text, color, title } = badge;
    if (this.#shown.get(tabId) === JSON.stringify(badge)) return;
    this.#shown.set(tabId, JSON.stringify(badge));
    try {
      await browser.action.setBadgeText({ tabId, text });
      await browser.action.setTitle({ tabId, title: chromeText(title) });
      if (text === "") return;
      await browser.action.setBadgeBackgroundColor({ tabId, color });
      await browser.action.setBadgeTextColor?.({ tabId, color: "#ffffff" });
    } catch {
      this.#shown.delete(tabId); // the tab has gone meanwhile, and its badge with it
    }
  }

  /** Chrome forgets the badge of a tab at every navigation, and when it is closed. */
  forgotten(tabId: number): void {
    this.#shown.delete(tabId);
  }
}
