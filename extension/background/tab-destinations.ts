// The destinations of a captured tab's stream while it is live: the host has them, and the record keeps them for the next host.
import { FlyBrowserError } from "../../protocol/errors.ts";
import { parseDestination, type ResolvedStartStreamOptions, RTMP_DESTINATION_ID } from "../../protocol/options.ts";
import type { DestinationStatus } from "../../protocol/results.ts";
import type { HostStreams } from "./host-streams.ts";
import type { TabState } from "./tab-record.ts";

/** Has the host do it. */
type Host = Pick<HostStreams, "addDestination" | "removeDestination">;

/**
 * Has the stream go to one more place. `input`: as an entry of `destinations`.
 * @throws FlyBrowserError `invalid_option`, `unknown_option`, `unsupported_combination`, `no_active_stream`, `host_lost`
 */
export async function addDestination(state: TabState, host: Host, input: unknown): Promise<DestinationStatus> {
  const destination = parseDestination(input);
  const status = await host.addDestination(liveStream(state), destination);
  const { options } = state.record;
  state.change({ options: { ...options, destinations: [...options.destinations, destination] } });
  return status;
}

/**
 * Takes leave of a destination; gives its last status.
 * @throws FlyBrowserError `destination_not_found`, `no_active_stream`, `host_lost`
 */
export async function removeDestination(state: TabState, host: Host, id: string): Promise<DestinationStatus> {
  const status = await host.removeDestination(liveStream(state), id);
  state.change({ options: withoutDestination(state.record.options, id) });
  return status;
}

function withoutDestination(options: ResolvedStartStreamOptions, id: string): ResolvedStartStreamOptions {
  const destinations = options.destinations.filter(({ destination_id }) => destination_id !== id);
  if (id !== RTMP_DESTINATION_ID) return { ...options, destinations };
  const { rtmp_url: _, rtmp_key: _k, ...rest } = options;
  return { ...rest, destinations };
}

/** The host's id of a stream that viewers see. @throws FlyBrowserError `host_lost`, `no_active_stream` */
export function liveStream(state: TabState): string {
  const stream_id = state.hosted();
  if (state.record.stream !== "live") throw new FlyBrowserError("no_active_stream");
  return stream_id;
}
