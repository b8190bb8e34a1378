// Every text of the player.
import type { CaptureCondition, Place } from "../protocol/results.ts";
import type { PlaybackProtocol } from "./engines/engine.ts";
import { formatDuration, formatTime } from "./format.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Phase } from "./state-machine.ts";
import type { TaskPhase } from "./tasks.ts";

/** Labels, button names and tooltips. */
export const TEXT = {
  product: "FlyBrowser Stream",
  copy_link: "Copy link",
  copied: "Copied",
  copy_failed: "Couldn't copy",
  latency_hint: "Time from capture to display",
  play: "Play",
  pause: "Pause",
  mute: "Mute",
  unmute: "Unmute",
  volume: "Volume",
  no_audio: "No audio",
  live: "Live",
  jump_to_live: "Jump to live",
  watch_again: "Watch again",
  seek: "Seek",
  details: "Details",
  close_details: "Close details",
  picture_in_picture: "Picture-in-picture",
  fullscreen: "Fullscreen",
  exit_fullscreen: "Exit fullscreen",
  protocol: "Protocol",
  latency: "Latency",
  target_latency: "Target latency",
  buffer: "Buffer",
  speed: "Playback speed",
  normal_speed: "Normal",
  copy_embed: "Copy code to embed",
  copy_moment: "Copy link at this moment",
  latency_graph: "Latency in the last minute",
  resolution: "Resolution",
  frame_rate: "Frame rate",
  dropped_frames: "Dropped frames",
  bitrate: "Bitrate",
  quality: "Quality",
  picture: "Picture",
  auto: "Auto",
  live_since: "Live since",
  keyboard_shortcuts: "Keyboard shortcuts",
  tasks: "Tasks",
  private: "Private",
  jump_to_task: "Jump to the start of this task",
} as const;

/** Keys, and what they do. */
export const SHORTCUTS: readonly (readonly [key: string, action: string])[] = [
  ["Space K", "Play or pause"],
  ["← →", "Back or forward 5 s"],
  ["J L", "Back or forward 10 s"],
  ["0 … 9", "To a tenth of the timeline"],
  ["End", TEXT.jump_to_live],
  ["< >", "Slower or faster, behind live"],
  ["M", "Mute or unmute"],
  ["↑ ↓", "Volume"],
  ["F", TEXT.fullscreen],
  ["P", TEXT.picture_in_picture],
  ["I ?", TEXT.details],
];

/** The badge. */
export const PHASE_LABEL: Readonly<Record<Phase, string>> = {
  connecting: "Connecting",
  live: TEXT.live,
  rewound: "Behind live",
  paused: "Paused",
  reconnecting: "Reconnecting",
  lost: "No connection",
  finishing: "Ending",
  ended: "Ended",
};

/** What the viewer chooses from. */
export const PROTOCOL_LABEL: Readonly<Record<PlaybackProtocol, string>> = {
  webrtc: "WebRTC",
  "ll-hls": "Low-latency HLS",
  hls: "HLS",
  dash: "Low-latency DASH",
  "native-hls": "HLS (native)",
};

const CODEC_LABEL = { h264: "H.264", h265: "H.265", vp9: "VP9" } as const;

/** The state of a task, for screen readers. */
export const TASK_LABEL: Readonly<Record<TaskPhase, string>> = {
  running: "running",
  done: "done",
  failed: "failed",
  upcoming: "not started",
};

/** Headline and explanation over the video. */
export interface Notice {
  readonly title: string;
  readonly text: string;
}

type NoticeInput = Pick<Snapshot, "phase" | "since" | "stream" | "ended_at" | "unsupported" | "undecodable">;

/** Why there is no video, where the page that is streamed is to blame. */
const CAPTURE_TITLE: Readonly<Partial<Record<CaptureCondition, string>>> = {
  crashed: "The page has crashed",
  discarded: "The tab is asleep",
};

const PLACE_NOTE: Readonly<Partial<Record<Place, string>>> = {
  another_tab: "Work goes on in another tab, which isn't shown",
  not_capturable: "Work goes on in a page that can't be shown",
  not_invoked: "Another tab is in front, which isn't shown",
};

/** What is said beside a picture in which nobody works at the moment; `null`: nothing. */
export function placeNote({ phase, stream }: Pick<Snapshot, "phase" | "stream">): string | null {
  return phase === "live" ? (PLACE_NOTE[stream?.place ?? "here"] ?? null) : null;
}

/** What is shown over the video; `null` while it plays. `locale` is for the time of day. */
export function noticeOf(snapshot: NoticeInput, locale?: string): Notice | null {
  if (snapshot.unsupported) {
    return {
      title: "Your browser can't play this stream",
      text: "Open this page in an up-to-date Chrome, Edge, Firefox or Safari.",
    };
  }
  if (snapshot.undecodable && snapshot.phase !== "ended") {
    const codec = snapshot.stream ? CODEC_LABEL[snapshot.stream.codec] : "this video";
    return {
      title: `This browser has no decoder for ${codec}`,
      text: "Open this page in another browser or on another device.",
    };
  }
  switch (snapshot.phase) {
    case "connecting":
      return { title: "Connecting…", text: "The video will start in a moment." };
    case "reconnecting": {
      const text = `No video since ${formatTime(snapshot.since, locale)}. Playback will resume automatically.`;
      return { title: CAPTURE_TITLE[snapshot.stream?.capture ?? "running"] ?? "Reconnecting…", text };
    }
    case "lost":
      return {
        title: "This stream has ended, or its computer is off",
        text: `No video since ${formatTime(snapshot.since, locale)}. If it comes back, so does the video.`,
      };
    case "paused":
      return { title: PHASE_LABEL.paused, text: "" };
    case "ended":
      return { title: "The stream has ended", text: endedText(snapshot, locale) };
    default:
      return null;
  }
}

function endedText({ ended_at, stream }: NoticeInput, locale?: string): string {
  if (ended_at === null) return "";
  const at = `Ended at ${formatTime(ended_at, locale)}`;
  const seconds = stream ? (ended_at - Date.parse(stream.started_at)) / 1000 : Number.NaN;
  return seconds > 0 ? `${at} after ${formatDuration(seconds)}.` : `${at}.`;
}

/** What is streamed, in a word; while its tab is private, that it is. */
export function streamTitle(stream: Snapshot["stream"] | undefined): string {
  return stream?.private ? TEXT.private : stream?.tab_title || TEXT.product;
}

/** Title of the page: what is streamed, and the phase. */
export function pageTitle({ phase, stream }: Pick<Snapshot, "phase" | "stream">): string {
  return `${streamTitle(stream)} – ${PHASE_LABEL[phase].toLowerCase()}`;
}

/** Name of the video, for screen readers. */
export function videoLabel(tab_title: string | undefined): string {
  return `Live video of ${tab_title || "the streamed tab"}`;
}

/** `3 running`, or how many there are. */
export function taskCount(running: number, all: number): string {
  return running > 0 ? `${running} ${TASK_LABEL.running}` : String(all);
}

/** A rendition in the menu: `720p`. */
export function qualityLabel(height: number): string {
  return height > 0 ? `${height}p` : "–";
}

/** What the menu says where the connection decides: `Auto (540p)`. */
export function autoLabel(height: number | undefined): string {
  return height === undefined ? TEXT.auto : `${TEXT.auto} (${qualityLabel(height)})`;
}

/** Seconds behind live, spelled out: `live`, `12 seconds behind live`, `1 minute 5 seconds behind live`. */
export function behindLabel(seconds: number): string {
  const whole = Math.round(Math.max(0, seconds));
  if (whole < 1) return "live";
  const count = (number: number, unit: string) => (number > 0 ? [`${number} ${unit}${number === 1 ? "" : "s"}`] : []);
  return `${[...count(Math.floor(whole / 60), "minute"), ...count(whole % 60, "second")].join(" ")} behind live`;
}
