// Every text of the player, in the language of its reader.
import type { CaptureCondition, Place } from "../protocol/results.ts";
import { type SentenceCode, say, sentence, text, type ValuesOf } from "../protocol/sentence.ts";
import type { PlaybackProtocol } from "./engines/engine.ts";
import { formatDuration, formatTime } from "./format.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Phase } from "./state-machine.ts";
import type { TaskPhase } from "./tasks.ts";

/** A code without places. */
type TextCode = Extract<SentenceCode, `player.${string}`> &
  { [Code in SentenceCode]: keyof ValuesOf<Code> extends never ? Code : never }[SentenceCode];

/** Texts by name, each composed when it is read: the language is known only once the page runs. */
function spoken<Name extends string>(codes: Readonly<Record<Name, TextCode>>): Readonly<Record<Name, string>> {
  const texts = {} as Record<Name, string>;
  for (const [name, code] of Object.entries<TextCode>(codes)) {
    Object.defineProperty(texts, name, { enumerable: true, get: () => say(sentence(code)) });
  }
  return texts;
}

/** Labels, button names and tooltips. */
export const TEXT = spoken({
  product: "player.product",
  copy_link: "player.copy_link",
  copied: "player.copied",
  copy_failed: "player.copy_failed",
  latency_hint: "player.latency_hint",
  play: "player.play",
  pause: "player.pause",
  mute: "player.mute",
  unmute: "player.unmute",
  volume: "player.volume",
  no_audio: "player.no_audio",
  live: "player.live",
  jump_to_live: "player.jump_to_live",
  watch_again: "player.watch_again",
  watch_recording: "player.watch_recording",
  seek: "player.seek",
  details: "player.details",
  close_details: "player.close_details",
  picture_in_picture: "player.picture_in_picture",
  cast: "player.cast",
  fullscreen: "player.fullscreen",
  exit_fullscreen: "player.exit_fullscreen",
  protocol: "player.protocol",
  latency: "player.latency",
  target_latency: "player.target_latency",
  buffer: "player.buffer",
  speed: "player.speed",
  normal_speed: "player.normal_speed",
  copy_embed: "player.copy_embed",
  copy_moment: "player.copy_moment",
  latency_graph: "player.latency_graph",
  resolution: "player.resolution",
  frame_rate: "player.frame_rate",
  dropped_frames: "player.dropped_frames",
  bitrate: "player.bitrate",
  quality: "player.quality",
  picture: "player.picture",
  auto: "player.auto",
  live_since: "player.live_since",
  keyboard_shortcuts: "player.keyboard_shortcuts",
  control: "player.control",
  help_wanted: "player.help_wanted",
  may_take_over: "player.may_take_over",
  you_have_control: "player.you_have_control",
  take_over: "player.take_over",
  decline: "player.decline",
  done: "player.done",
  note: "player.note",
  keyboard: "player.keyboard",
  leave_hint: "player.leave_hint",
  page_input: "player.page_input",
  choose: "player.choose",
  cancel: "player.cancel",
  page_says: "player.page_says",
  ok: "player.ok",
  leave_page: "player.leave_page",
  leave: "player.leave",
  stay: "player.stay",
  tasks: "player.tasks",
  private: "player.private",
  jump_to_task: "player.jump_to_task",
});

/** Keys, and the code of what they do. */
export const SHORTCUTS = [
  ["Space K", "player.key_play"],
  ["← →", "player.key_5_seconds"],
  ["J L", "player.key_10_seconds"],
  ["0 … 9", "player.key_tenth"],
  ["End", "player.jump_to_live"],
  ["< >", "player.key_speed"],
  ["M", "player.key_mute"],
  ["↑ ↓", "player.volume"],
  ["F", "player.fullscreen"],
  ["P", "player.picture_in_picture"],
  ["I ?", "player.details"],
] as const;

/** The badge. */
export const PHASE_LABEL: Readonly<Record<Phase, string>> = spoken({
  connecting: "player.connecting",
  live: "player.live",
  rewound: "player.rewound",
  paused: "player.paused",
  reconnecting: "player.reconnecting",
  lost: "player.lost",
  finishing: "player.finishing",
  ended: "player.ended",
});

/** What the viewer chooses from. */
export const PROTOCOL_LABEL: Readonly<Record<PlaybackProtocol, string>> = {
  webrtc: "WebRTC",
  live: "WebSocket",
  "ll-hls": "Low-latency HLS",
  hls: "HLS",
  dash: "Low-latency DASH",
  "native-hls": "HLS (native)",
};

const CODEC_LABEL = { h264: "H.264", h265: "H.265", vp9: "VP9" } as const;

/** The state of a task, for screen readers. */
export const TASK_LABEL: Readonly<Record<TaskPhase, string>> = spoken({
  running: "player.task_running",
  done: "player.task_done",
  failed: "player.task_failed",
  upcoming: "player.task_upcoming",
});

/** Headline and explanation over the video. */
export interface Notice {
  readonly title: string;
  readonly text: string;
}

type NoticeInput = Pick<Snapshot, "phase" | "since" | "stream" | "ended_at" | "unsupported" | "undecodable">;

/** Why there is no video, where the page that is streamed is to blame. */
const CAPTURE_TITLE = {
  crashed: "player.page_crashed",
  discarded: "player.tab_asleep",
} as const satisfies Partial<Record<CaptureCondition, SentenceCode>>;

const PLACE_NOTE: Readonly<Partial<Record<Place, string>>> = spoken({
  another_tab: "player.another_tab",
  not_capturable: "player.not_capturable",
  not_invoked: "player.not_invoked",
});

/** What is said beside a picture in which nobody works at the moment, or of a tab that is muted; `null`: nothing. */
export function placeNote({ phase, stream }: Pick<Snapshot, "phase" | "stream">): string | null {
  if (phase !== "live" || !stream) return null;
  return PLACE_NOTE[stream.place ?? "here"] ?? (stream.muted ? text("player.tab_muted") : null);
}

/** What is shown over the video; `null` while it plays. `locale` is for the time of day. */
export function noticeOf(snapshot: NoticeInput, locale?: string): Notice | null {
  if (snapshot.unsupported) return { title: text("player.cant_play"), text: text("player.cant_play_detail") };
  if (snapshot.undecodable && snapshot.phase !== "ended") {
    const codec = snapshot.stream ? CODEC_LABEL[snapshot.stream.codec] : text("player.this_video");
    return { title: text("player.no_decoder", { codec }), text: text("player.no_decoder_detail") };
  }
  const time = formatTime(snapshot.since, locale);
  switch (snapshot.phase) {
    case "connecting":
      return { title: text("player.connecting_now"), text: text("player.connecting_detail") };
    case "reconnecting": {
      const capture = snapshot.stream?.capture ?? "running";
      const cause = capture in CAPTURE_TITLE ? CAPTURE_TITLE[capture as keyof typeof CAPTURE_TITLE] : null;
      return { title: text(cause ?? "player.reconnecting_now"), text: text("player.reconnecting_detail", { time }) };
    }
    case "lost":
      return { title: text("player.lost_now"), text: text("player.lost_detail", { time }) };
    case "paused":
      return { title: PHASE_LABEL.paused, text: "" };
    case "ended":
      return { title: text("player.ended_now"), text: endedText(snapshot, locale) };
    default:
      return null;
  }
}

function endedText({ ended_at, stream }: NoticeInput, locale?: string): string {
  if (ended_at === null) return "";
  const time = formatTime(ended_at, locale);
  const seconds = stream ? (ended_at - Date.parse(stream.started_at)) / 1000 : Number.NaN;
  if (!(seconds > 0)) return text("player.ended_at", { time });
  return text("player.ended_after", { time, duration: formatDuration(seconds) });
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
  return tab_title ? text("player.video_of", { title: tab_title }) : text("player.video");
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
  if (whole < 1) return text("player.at_live");
  const [minutes, rest] = [Math.floor(whole / 60), whole % 60];
  const parts = [
    ...(minutes === 0 ? [] : [minutes === 1 ? text("player.minute") : text("player.minutes", { count: minutes })]),
    ...(rest === 0 ? [] : [rest === 1 ? text("player.second") : text("player.seconds", { count: rest })]),
  ];
  return text("player.behind_live", { time: parts.join(" ") });
}

/** Who has control, for those who wait. */
export function takenBy(name: string | null): string {
  return text("player.has_control", { name: name ?? text("control.person") });
}

/** A task that the agent began meanwhile. */
export function whileControlled(name: string): string {
  return text("player.while_controlled", { name });
}
