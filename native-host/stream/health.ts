// Judges how a stream is doing, and why, from signals that others measured.
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import type { CaptureCondition, HEALTHS, Place } from "../../protocol/results.ts";
import { sentence, type Words } from "../../protocol/sentence.ts";
import type { SinkReport } from "../media/sink.ts";
import type { StreamState } from "./state-machine.ts";

/** How a stream is doing. */
export type Health = (typeof HEALTHS)[number];

/** What is known of a stream at a moment. */
export interface HealthSignals {
  readonly state: StreamState;
  /** Left out: it runs. */
  readonly capture?: CaptureCondition;
  /** Where the program works; left out: in the tab that is seen. */
  readonly place?: Place;
  /** The stream goes along to other tabs; left out: it doesn't. */
  readonly follows?: boolean;
  /** ms since the last media came out of FFmpeg, or since the stream was opened. */
  readonly silence: number;
  /** ms since the last video came out of FFmpeg, or since the stream was opened. */
  readonly video_silence?: number;
  /** ms since viewers last got something new, or since they were let in. */
  readonly published_silence?: number;
  /** Frames a second that were asked for; `null`: not known yet. */
  readonly frame_rate?: number | null;
  /** Frames a second that the browser's encoder was given: fewer where little moves; `null` or left out: not known. */
  readonly captured_fps?: number | null;
  /** ms for which the tab has shown something else than what viewers see; left out: nothing is known of that. */
  readonly unseen?: number;
  /** Frames a second over the last seconds; `null`: not known yet. */
  readonly current_fps?: number | null;
  /** The audio is digital silence. */
  readonly silent_audio?: boolean;
  /** The tab's user has muted it, and what is heard then; `null` or left out: it isn't muted, or has no sound. */
  readonly muted?: ResolvedStartStreamOptions["muted_tab"] | null;
  /** No encoder could take over from a browser that breaks the cap. */
  readonly cap_broken?: boolean;
  /** What keeps destinations from being well. */
  readonly destination_troubles?: readonly Words[];
  /** What is worth a word of destinations that are well. */
  readonly destination_advice?: readonly Words[];
  /** Why it isn't shared with whom it should be; `null` or left out: it is. */
  readonly sharing_trouble?: Words | null;
  /** Why no rung is made though viewers ask for one; `null`: there was no such case. */
  readonly rungs_refused?: Words | null;
  /** How the sinks are doing: packager, recording, destinations. */
  readonly sinks?: readonly Pick<SinkReport, "name" | "detached" | "error">[];
  /** Percent of the queue towards FFmpeg that is free; `null`: no FFmpeg runs. */
  readonly buffer_health: number | null;
  /** Why a stream in the state `recovering` or `error` is there. */
  readonly trouble: Words | null;
}

/** ms without media; of a low frame rate so many frames, if that is longer. */
const SILENCE = { degraded: 2_000, unhealthy: 10_000 } as const;
const SILENT_FRAMES = 5;
/** ms: while the last video is no older, a low rate is one, and not the beginning of a silence. */
const FLOWING = 1_000;
/** Share of the frame rate, as far as so many were captured, below which a stream is not what was asked for. */
const LEAST_RATE = 0.5;
/** Percent of the queue that is free. */
const BUFFER = { degraded: 50, unhealthy: 10 } as const;

/** Sinks that have a name for people. */
const SINKS: Readonly<Record<string, Words>> = {
  packager: sentence("health.packager"),
  recording: sentence("health.recorder"),
};

/** What keeps a capture from giving media. */
const CAPTURES: Readonly<Partial<Record<CaptureCondition, Words>>> = {
  lost: sentence("health.capture_lost"),
  crashed: sentence("health.page_crashed"),
  discarded: sentence("health.tab_discarded"),
};

/** What is said of a program that works elsewhere. Where it was asked for that viewers see it, the stream isn't what it should be. */
const PLACES: Readonly<Partial<Record<Place, [Health, Words]>>> = {
  another_tab: ["healthy", sentence("health.another_tab")],
  not_capturable: ["degraded", sentence("health.not_capturable")],
  not_invoked: ["degraded", sentence("health.not_invoked")],
};

/** A stream that goes along, and stays where it is, waits for the program to hand the tab over. */
const NOT_ADMITTED: [Health, Words] = ["degraded", sentence("health.not_admitted")];

function placeOf({ place = "here", follows = false }: HealthSignals): [Health, Words] | undefined {
  return place === "another_tab" && follows ? NOT_ADMITTED : PLACES[place];
}

/** The health that follows from the signals, and why. */
export function judgeHealth(signals: HealthSignals): { health: Health; health_reasons: Words[] } {
  const found: [Health, Words][] = [];
  const { state, capture = "running", silence, buffer_health, destination_troubles = [], sinks = [] } = signals;
  const trouble = CAPTURES[capture] ?? signals.trouble;
  if (state === "error") found.push(["unhealthy", trouble ?? sentence("health.failed")]);
  if (state === "recovering")
    found.push(["degraded", sentence("health.recovering", { reason: trouble ?? sentence("health.fresh_run") })]);
  const { frame_rate = null, current_fps = null, video_silence = 0, published_silence = 0 } = signals;
  const patience = Math.max(SILENCE.degraded, frame_rate ? (SILENT_FRAMES * 1000) / frame_rate : 0);
  const silent = (code: "health.no_media" | "health.no_video" | "health.no_parts", ms: number) =>
    found.push([
      ms >= SILENCE.unhealthy ? "unhealthy" : "degraded",
      sentence(code, { seconds: Math.floor(ms / 1000) }),
    ]);
  if (state !== "stopped" && silence >= patience) silent("health.no_media", silence);
  else if (state !== "stopped" && video_silence >= patience) silent("health.no_video", video_silence);
  else if (state !== "stopped" && video_silence < FLOWING && published_silence >= patience)
    silent("health.no_parts", published_silence);
  else if (state === "active" && video_silence < FLOWING && frame_rate !== null && current_fps !== null) {
    const wanted = Math.min(frame_rate, signals.captured_fps ?? frame_rate);
    if (current_fps < LEAST_RATE * wanted) {
      found.push(["degraded", sentence("health.low_rate", { current: current_fps, wanted })]);
    }
  }
  const { unseen = 0 } = signals;
  if (state === "active" && video_silence < FLOWING && unseen >= SILENCE.degraded)
    found.push(["degraded", sentence("health.picture_stands", { seconds: Math.floor(unseen / 1000) })]);
  if (signals.cap_broken) found.push(["degraded", sentence("health.above_cap")]);
  if (state !== "stopped") {
    if (signals.sharing_trouble) found.push(["degraded", signals.sharing_trouble]);
    for (const reason of destination_troubles) found.push(["degraded", reason]);
    for (const { name, detached, error } of sinks) {
      // Without the packager there is nothing to see.
      if (detached) {
        const reason = sentence("health.sink_failed", { name: SINKS[name] ?? name, reason: error?.sentence ?? "" });
        found.push([name === "packager" ? "unhealthy" : "degraded", reason]);
      }
    }
  }
  const [effect, elsewhere] = placeOf(signals) ?? [];
  if (state !== "stopped" && effect === "degraded" && elsewhere) found.push([effect, elsewhere]);
  if (buffer_health !== null && buffer_health < BUFFER.degraded) {
    const health = buffer_health < BUFFER.unhealthy ? "unhealthy" : "degraded";
    found.push([health, sentence("health.ffmpeg_behind", { free: Math.round(buffer_health) })]);
  }
  const worst = found.some(([health]) => health === "unhealthy")
    ? "unhealthy"
    : found.length > 0
      ? "degraded"
      : "healthy";
  const reasons = found.map(([, reason]) => reason);
  // The stream itself is well, but these are worth a word.
  if (state === "active" && effect === "healthy" && elsewhere) reasons.push(elsewhere);
  if (state === "active") reasons.push(...(signals.destination_advice ?? []));
  if (signals.rungs_refused) reasons.push(sentence("health.no_rungs", { reason: signals.rungs_refused }));
  if (state === "active" && signals.muted)
    reasons.push(sentence(signals.muted === "silent" ? "health.tab_muted" : "health.tab_muted_heard"));
  else if (signals.silent_audio && state === "active") reasons.push(sentence("health.silent"));
  return { health: worst, health_reasons: reasons };
}
