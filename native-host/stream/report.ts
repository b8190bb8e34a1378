// What is told of a stream, in the words of the contract: the result of its start, its status, the player's view. It holds no
// secret: a destination's key has no place here.
import type { ControlStatus } from "../../protocol/control-messages.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { LinkStatus } from "../../protocol/links.ts";
import { LIVE_SOCKET } from "../../protocol/live-messages.ts";
import type { StreamIdentity } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import type { PlayerState } from "../../protocol/player-messages.ts";
import { PROFILES } from "../../protocol/profiles.ts";
import { paceOf } from "../../protocol/quality-change.ts";
import type {
  CaptureCondition,
  DestinationStatus,
  Place,
  PlaybackQuality,
  StartStreamResult,
  StreamInfo,
  StreamRecording,
  Task,
} from "../../protocol/results.ts";
import type { Words } from "../../protocol/sentence.ts";
import type { StreamPlan } from "../ingest/plan.ts";
import { MANIFEST } from "../packager/dash-names.ts";
import { rtmpStatus } from "./destination.ts";
import type { Health } from "./health.ts";
import { newestWithin } from "./message-bounds.ts";
import type { Measurements } from "./metrics-collector.ts";
import type { Sharing } from "./sharing.ts";
import type { StreamState } from "./state-machine.ts";

/** What is known of a captured tab at a moment, whoever sees it. */
export interface CaptureFacts {
  readonly session_id: string;
  readonly state: StreamState;
  readonly capture: CaptureCondition;
  /** Its tab is private at the moment. */
  readonly private: boolean;
  /** Its user has muted it. */
  readonly muted: boolean;
  /** Where the program works. */
  readonly place: Place;
  /** How the newest run is made; `null` before the first. */
  readonly plan: StreamPlan | null;
  /** Whether the browser gives audio; `null` before the first run. */
  readonly has_audio: boolean | null;
  /** Port of the HTTP server. */
  readonly port: number;
  readonly tab_title: string;
  /** Whether viewing by WebRTC is switched on. */
  readonly whep: boolean;
  /** A cache that many viewers share stands in front of this host. */
  readonly shared_cache: boolean;
}

/** What is known of a stream that viewers see. */
export interface StreamFacts extends CaptureFacts {
  readonly identity: StreamIdentity;
  readonly options: ResolvedStartStreamOptions;
  /** Epoch ms of the wall clock when viewers were let in. */
  readonly started_at: number;
  /** The same of the end; `null` while it goes on. */
  readonly ended_at: number | null;
  readonly destinations: readonly DestinationStatus[];
  readonly sharing: Pick<Sharing, "base" | "page" | "share" | "note">;
  /** Path of the stream's folder by its first link, without a slash at the end; `null`: it has no link. */
  readonly path: string | null;
}

/** What a status has beside the facts. */
export interface StatusDetails {
  readonly links: LinkStatus[];
  /** `null`: nobody may take over. */
  readonly control: ControlStatus | null;
  readonly health: { readonly health: Health; readonly health_reasons: Words[] };
  readonly measured: Pick<Measurements, "metrics" | "recovery_metrics">;
  readonly viewer_count: number;
  readonly playback: PlaybackQuality | null;
  readonly tasks: readonly Task[];
  /** Tasks that are kept no more. */
  readonly tasks_forgotten: number;
  readonly recording: StreamRecording | null;
  /** ms since viewers were let in, up to the end of a stream that is over. */
  readonly uptime: number;
}

function frameRate(options: ResolvedStartStreamOptions): number {
  return options.frame_rate ?? PROFILES[options.quality].frame_rate;
}

/** What the result of `startStream` and a status have in common. */
function description(facts: StreamFacts) {
  const { identity, options, plan, destinations, sharing, path } = facts;
  const rtmp_url = rtmpStatus(destinations).url;
  const at = (file: string) => (path === null ? null : `${sharing.base}${path}/${file}`);
  const hls_url = at("index.m3u8");
  const dash_url = at(MANIFEST);
  return {
    stream_id: identity.stream_id,
    session_id: facts.session_id,
    protocol: options.protocol,
    quality: options.quality,
    codec: options.codec,
    status: facts.state,
    hls_url,
    dash_url,
    rtmp_url,
    player_url: sharing.page ?? at("player"),
    stream_url: { hls: hls_url, dash: dash_url, rtmp: rtmp_url ?? hls_url }[options.protocol],
    local_server_port: facts.port,
    width: plan?.width ?? options.width ?? 0,
    height: plan?.height ?? options.height ?? 0,
    frame_rate: frameRate(options),
    whep_url: facts.whep ? at("whep") : null,
    live_url: at(LIVE_SOCKET)?.replace(/^http/, "ws") ?? null,
    encoder: plan?.video.kind === "encode" ? plan.video.encoder : "passthrough",
    share: sharing.share,
    share_note: sharing.note,
    destinations: [...destinations],
  };
}

/** The result of `startStream`. @throws FlyBrowserError `no_active_stream` when its link was revoked before there was anything to see */
export function startResult(facts: StreamFacts): StartStreamResult {
  const { player_url, stream_url, ...rest } = description(facts);
  if (player_url === null || stream_url === null) throw new FlyBrowserError("no_active_stream");
  return { ...rest, player_url, stream_url };
}

/** The whole status. */
export function streamInfo(facts: StreamFacts, details: StatusDetails): StreamInfo {
  const { health, measured, viewer_count, playback, recording, uptime } = details;
  const { newest, left_out } = newestWithin(details.tasks);
  const tasks_left_out = left_out + details.tasks_forgotten;
  return {
    ...description(facts),
    links: details.links,
    ...(details.control === null ? {} : { control: details.control }),
    state: facts.state,
    private: facts.private,
    muted: facts.muted,
    ...health,
    started_at: new Date(facts.started_at).toISOString(),
    uptime_seconds: Math.max(0, Math.round(uptime / 100) / 10),
    viewer_count,
    playback,
    metrics: measured.metrics,
    recovery_metrics: measured.recovery_metrics,
    tasks: newest,
    ...(tasks_left_out > 0 ? { tasks_left_out } : {}),
    recording,
  };
}

/** Protocols to view by, best first: DASH where it was asked for, then those of the profile that it began with, by which people watch. No socket goes through a cache. */
function viewingProtocols({ options, whep, shared_cache }: StreamFacts): PlayerState["viewing"] {
  const missing = new Set<string>([...(whep ? [] : ["webrtc"]), ...(shared_cache ? ["live"] : [])]);
  const protocols = paceOf(options).viewing.filter((protocol) => !missing.has(protocol));
  return options.protocol === "dash" ? ["dash", ...protocols] : [...protocols];
}

/** What the player shows. */
export function playerState(facts: StreamFacts): PlayerState {
  const { identity, options, plan } = facts;
  return {
    state: facts.state,
    capture: facts.capture,
    private: facts.private,
    muted: facts.muted && options.muted_tab === "silent",
    place: facts.place,
    stream_id: identity.stream_id,
    protocol: options.protocol,
    quality: options.quality,
    codec: options.codec,
    width: plan?.width ?? 0,
    height: plan?.height ?? 0,
    frame_rate: frameRate(options),
    started_at: new Date(facts.started_at).toISOString(),
    ended_at: facts.ended_at === null ? null : new Date(facts.ended_at).toISOString(),
    has_audio: facts.has_audio ?? options.audio,
    tab_title: facts.tab_title,
    viewing: viewingProtocols(facts),
    urls: { hls: "index.m3u8", dash: MANIFEST, whep: facts.whep ? "whep" : null, live: LIVE_SOCKET },
  };
}
