// Judges how a stream is doing, with the reasons in words. Pure: from signals that others measured.
import type { HEALTHS } from "../../protocol/results.ts";
import type { StreamState } from "./state-machine.ts";

/** How a stream is doing. */
export type Health = (typeof HEALTHS)[number];

/** What is known of a stream at a moment. */
export interface HealthSignals {
  readonly state: StreamState;
  /** ms since the last media came out of FFmpeg, or since the stream was opened. */
  readonly silence: number;
  /** Percent of the queue towards FFmpeg that is free; `null`: no FFmpeg runs. */
  readonly buffer_health: number | null;
  /** Why a stream in the state `recovering` or `error` is there. */
  readonly trouble: string | null;
}

/** ms without media. */
const SILENCE = { degraded: 3_000, unhealthy: 10_000 } as const;
/** Percent of the queue that is free. */
const BUFFER = { degraded: 50, unhealthy: 10 } as const;

/** The health that follows from the signals, and why. */
export function judgeHealth(signals: HealthSignals): { health: Health; health_reasons: string[] } {
  const found: [Health, string][] = [];
  const { state, silence, buffer_health, trouble } = signals;
  if (state === "error") found.push(["unhealthy", trouble ?? "the stream has failed"]);
  if (state === "recovering") found.push(["degraded", `recovering: ${trouble ?? "a fresh run is awaited"}`]);
  if (state !== "stopped" && silence >= SILENCE.degraded) {
    const health = silence >= SILENCE.unhealthy ? "unhealthy" : "degraded";
    found.push([health, `no media for ${Math.floor(silence / 1000)} s`]);
  }
  if (buffer_health !== null && buffer_health < BUFFER.degraded) {
    const health = buffer_health < BUFFER.unhealthy ? "unhealthy" : "degraded";
    found.push([health, `FFmpeg is behind: ${Math.round(buffer_health)} % of its queue is free`]);
  }
  const worst = found.some(([health]) => health === "unhealthy")
    ? "unhealthy"
    : found.length > 0
      ? "degraded"
      : "healthy";
  return { health: worst, health_reasons: found.map(([, reason]) => reason) };
}
