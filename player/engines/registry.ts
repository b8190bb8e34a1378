// The engines of this player, preferred one first, and the choice among them. A new protocol is a file and a line here.
import { dashEngine } from "./dash-engine.ts";
import type { EngineFactory, PlaybackProtocol, StreamSource } from "./engine.ts";
import { hlsEngine, lowLatencyHlsEngine } from "./hls.ts";
import { liveEngine } from "./live-engine.ts";
import { nativeHlsEngine } from "./native-hls-engine.ts";
import { webRtcEngine } from "./webrtc-engine.ts";

const ENGINES: readonly EngineFactory[] = [
  webRtcEngine,
  liveEngine,
  lowLatencyHlsEngine,
  hlsEngine,
  dashEngine,
  nativeHlsEngine,
];

/** The engines that work in this browser, preferred one first. */
export function supportedEngines(engines: readonly EngineFactory[] = ENGINES): readonly EngineFactory[] {
  return engines.filter((engine) => engine.supported());
}

/** What {@link chooseEngine} goes by. */
export interface EngineChoice {
  readonly supported: readonly EngineFactory[];
  readonly source: StreamSource;
  /** The viewer's choice. */
  readonly selected: PlaybackProtocol | null;
  /** The host's order of preference. */
  readonly preferred: readonly string[];
  /** Protocols that failed for good. */
  readonly failed: { has(protocol: PlaybackProtocol): boolean };
}

/**
 * The engine to play a stream with: the viewer's choice, else the first of the host's that hasn't failed, else the best one left.
 * `null`: this browser can't play the stream.
 */
export function chooseEngine({ supported, source, selected, preferred, failed }: EngineChoice): EngineFactory | null {
  const usable = supported.filter((engine) => !failed.has(engine.protocol) && engine.urlOf(source) !== null);
  const find = (protocol: string | null) => usable.find((engine) => engine.protocol === protocol);
  return find(selected) ?? preferred.map(find).find((engine) => engine !== undefined) ?? usable[0] ?? null;
}
