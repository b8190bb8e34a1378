// What is told of a stream, in the words of the contract: the result of its start, its status, the player's
// view. Pure; never holds a secret (the RTMP key has no place here).
import type { StreamIdentity } from "../../protocol/native-messages.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import type { PlayerState } from "../../protocol/player-messages.ts";
import { PROFILES } from "../../protocol/profiles.ts";
import type {
  RecoveryMetrics,
  StartStreamResult,
  StreamInfo,
  StreamMetrics,
  StreamRecording,
  Task,
} from "../../protocol/results.ts";
import { MANIFEST } from "../packager/dash-names.ts";
import type { Health } from "./health.ts";
import type { StreamPlan } from "./plan.ts";
import type { StreamState } from "./state-machine.ts";

/** What is fixed or known of a stream at a moment. */
export interface StreamFacts {
  /** `started_at`: when viewers were let in. */
  readonly identity: StreamIdentity;
  readonly session_id: string;
  readonly options: ResolvedStartStreamOptions;
  readonly state: StreamState;
  /** Epoch ms; `null` while it goes on. */
  readonly ended_at: number | null;
  /** How the newest run is made; `null` before the first. */
  readonly plan: StreamPlan | null;
  /** Whether the browser gives sound; `null` before the first run. */
  readonly has_audio: boolean | null;
  /** Where it is published, without the key; `null`: nowhere. */
  readonly rtmp_url: string | null;
  /** Beginning of every viewing address, without a slash at the end. */
  readonly origin: string;
  /** Port of the HTTP server. */
  readonly port: number;
  readonly tab_title: string;
  /** Whether viewing by WebRTC is switched on. */
  readonly whep: boolean;
}

/** What was measured of a stream. */
export interface StreamFigures {
  readonly health: Health;
  readonly health_reasons: string[];
  readonly viewer_count: number;
  readonly metrics: StreamMetrics;
  readonly recovery_metrics: RecoveryMetrics;
}

function frameRate(options: ResolvedStartStreamOptions): number {
  return options.frame_rate ?? PROFILES[options.quality].frame_rate;
}

/** The result of `startStream`. */
export function startResult(facts: StreamFacts): StartStreamResult {
  const { identity, options, plan, rtmp_url } = facts;
  const base = `${facts.origin}/s/${identity.stream_id}/${identity.view_token}`;
  const hls_url = `${base}/index.m3u8`;
  const dash_url = `${base}/${MANIFEST}`;
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
    player_url: `${base}/player`,
    stream_url: { hls: hls_url, dash: dash_url, rtmp: rtmp_url ?? hls_url }[options.protocol],
    local_server_port: facts.port,
    width: plan?.width ?? options.width ?? 0,
    height: plan?.height ?? options.height ?? 0,
    frame_rate: frameRate(options),
    whep_url: facts.whep ? `${base}/whep` : null,
    encoder: plan?.video.kind === "encode" ? plan.video.encoder : "passthrough",
  };
}

/** The whole status. `now`: epoch ms, or the end of a stream that is over. */
export function streamInfo(
  facts: StreamFacts,
  figures: StreamFigures,
  tasks: Task[],
  recording: StreamRecording | null,
  now: number,
): StreamInfo {
  const { started_at } = facts.identity;
  return {
    ...startResult(facts),
    state: facts.state,
    health: figures.health,
    health_reasons: figures.health_reasons,
    started_at: new Date(started_at).toISOString(),
    uptime_seconds: Math.max(0, Math.round((now - started_at) / 100) / 10),
    viewer_count: figures.viewer_count,
    metrics: figures.metrics,
    recovery_metrics: figures.recovery_metrics,
    tasks,
    recording,
  };
}

/** Ways to view, best first: DASH where it was asked for, then those of the profile. */
function viewingWays({ options, whep }: StreamFacts): PlayerState["viewing"] {
  const ways = PROFILES[options.quality].viewing.filter((way) => way !== "webrtc" || whep);
  return options.protocol === "dash" ? ["dash", ...ways] : [...ways];
}

/** What the player shows. */
export function playerState(facts: StreamFacts): PlayerState {
  const { identity, options, plan } = facts;
  return {
    state: facts.state,
    stream_id: identity.stream_id,
    protocol: options.protocol,
    quality: options.quality,
    width: plan?.width ?? 0,
    height: plan?.height ?? 0,
    frame_rate: frameRate(options),
    started_at: new Date(identity.started_at).toISOString(),
    ended_at: facts.ended_at === null ? null : new Date(facts.ended_at).toISOString(),
    has_audio: facts.has_audio ?? options.audio,
    tab_title: facts.tab_title,
    viewing: viewingWays(facts),
    urls: { hls: "index.m3u8", dash: MANIFEST, whep: facts.whep ? "whep" : null },
  };
}
