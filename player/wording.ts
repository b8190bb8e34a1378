// The words for what the player is doing: label, headline, explanation, page title. Pure; never decides what it does.
import { formatDuration, formatTime } from "./format.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Phase } from "./state-machine.ts";

/** One word for the badge. */
export const PHASE_LABEL: Record<Phase, string> = {
  connecting: "Connecting",
  live: "Live",
  rewound: "Rewound",
  paused: "Paused",
  reconnecting: "Reconnecting",
  finishing: "Ending",
  ended: "Ended",
};

/** Headline and explanation over the picture; `null` while pictures run. */
export interface Notice {
  readonly title: string;
  readonly text: string;
}

type Told = Pick<Snapshot, "phase" | "since" | "stream" | "ended_at" | "unsupported" | "behind">;

/** What stands over the picture. `locale` is for the time of day. */
export function noticeOf(told: Told, locale?: string): Notice | null {
  if (told.unsupported) {
    return {
      title: "This browser can't play it",
      text: "Open this page in a current Chrome, Firefox, Edge or Safari.",
    };
  }
  switch (told.phase) {
    case "connecting":
      return { title: "Connecting", text: "The picture comes in a moment." };
    case "reconnecting":
      return {
        title: "Reconnecting",
        text: `No picture since ${formatTime(told.since, locale)}. It goes on by itself.`,
      };
    case "paused":
      return { title: "Paused", text: "" };
    case "ended":
      return { title: "The stream has ended", text: endedText(told, locale) };
    default:
      return null;
  }
}

function endedText({ ended_at, stream }: Told, locale?: string): string {
  if (ended_at === null) return "";
  const at = `At ${formatTime(ended_at, locale)}`;
  const seconds = stream ? (ended_at - Date.parse(stream.started_at)) / 1000 : Number.NaN;
  return seconds > 0 ? `${at}, after ${formatDuration(seconds)}.` : `${at}.`;
}

/** Title of the page: what is streamed, and what the player is doing. */
export function pageTitle({ phase, stream }: Pick<Snapshot, "phase" | "stream">): string {
  return `${stream?.tab_title || "FlyBrowser Stream"} – ${PHASE_LABEL[phase].toLowerCase()}`;
}
