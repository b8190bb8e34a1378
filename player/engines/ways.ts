// The ways to view that this player knows, best first, and the choice among them. A later way is one more file
// and one more line here.

import { dashWay } from "./dash-engine.ts";
import type { StreamSource, Way } from "./engine.ts";
import { hlsWay, lowLatencyHlsWay } from "./hls-engine.ts";
import { nativeHlsWay } from "./native-hls-engine.ts";
import { webRtcWay } from "./webrtc-engine.ts";

/** All ways, best first. */
export const WAYS: readonly Way[] = [webRtcWay, lowLatencyHlsWay, hlsWay, dashWay, nativeHlsWay];

/** The ways that this browser can do, best first. */
export function usableWays(ways: readonly Way[] = WAYS): readonly Way[] {
  return ways.filter((way) => way.supported());
}

/**
 * The way to take among those that the stream offers: the viewer's, if not given up; else the first of the host's order that is; else the
 * best that is left. `null`: nothing works here.
 */
export function chooseWay(
  usable: readonly Way[],
  source: StreamSource,
  wanted: string | null,
  order: readonly string[],
  given_up: ReadonlySet<string>,
): Way | null {
  const open = usable.filter((way) => !given_up.has(way.id) && way.address(source) !== null);
  const byId = (id: string | null) => open.find((way) => way.id === id);
  return byId(wanted) ?? order.map(byId).find((way) => way !== undefined) ?? open[0] ?? null;
}
