// The kinds of destinations that this host knows, one line each, and how the destinations of a stream are made.
import * as v from "valibot";
import { FlyBrowserError } from "../../protocol/errors.ts";
import {
  type DestinationOptions,
  type ResolvedDestination,
  type ResolvedStartStreamOptions,
  RTMP_DESTINATION_ID,
} from "../../protocol/options.ts";
import { PROFILES } from "../../protocol/profiles.ts";
import { sentence } from "../../protocol/sentence.ts";
import type { Destination } from "../stream/destination.ts";
import type { DestinationKind, DestinationTools, StreamOutline } from "./destination-kind.ts";
import { HLS_PUSH, S3 } from "./push/push-destination.ts";
import { RTMP } from "./rtmp/rtmp-destination.ts";
import { SRT } from "./srt/srt-destination.ts";
import { WHIP } from "./whip/whip-destination.ts";

/** All kinds. */
export const DESTINATION_KINDS: readonly DestinationKind[] = [RTMP, SRT, WHIP, S3, HLS_PUSH];

/** A destination that was asked for. */
export interface DestinationRequest {
  readonly options: ResolvedDestination;
  /** What stands before a field's name in an error: `destinations[1].`, or `rtmp_`. */
  readonly prefix: string;
  readonly required: boolean;
}

/**
 * The destinations that the options of a stream ask for, that of `rtmp_url` first.
 * @throws FlyBrowserError `invalid_option`, naming entry, field and what is allowed
 */
export function createDestinations(
  options: ResolvedStartStreamOptions,
  resumes: boolean,
  tools: DestinationTools,
  kinds: readonly DestinationKind[] = DESTINATION_KINDS,
): Destination[] {
  const { protocol, rtmp_url: url, rtmp_key: key } = options;
  const requests = options.destinations.map(
    (each, index): DestinationRequest => ({ options: each, prefix: `destinations[${index}].`, required: false }),
  );
  if (protocol === "rtmp" && url !== undefined) {
    const destination_id = RTMP_DESTINATION_ID;
    requests.unshift({ options: { url, key, destination_id }, prefix: "rtmp_", required: true });
  }
  const outline = outlineOf(options, resumes);
  return requests.map((request) => createDestination(request, outline, tools, kinds));
}

/** What a destination needs to know of a stream that has these options. */
export function outlineOf(options: ResolvedStartStreamOptions, resumes: boolean): StreamOutline {
  const { codec, quality, audio, frame_rate } = options;
  return { codec, quality, audio, frame_rate: frame_rate ?? PROFILES[quality].frame_rate, resumes };
}

/**
 * Makes one destination.
 * @throws FlyBrowserError `invalid_option`, `unsupported_combination`
 */
export function createDestination(
  { options, prefix, required }: DestinationRequest,
  stream: StreamOutline,
  tools: DestinationTools,
  kinds: readonly DestinationKind[] = DESTINATION_KINDS,
): Destination {
  const { url, key, name = authority(url), destination_id } = options;
  const scheme = url.slice(0, url.indexOf(":")).toLowerCase();
  const kind = kinds.find(({ schemes }) => schemes.includes(scheme));
  if (!kind) {
    const known = kinds.flatMap(({ schemes }) => schemes.map((each) => `${each}://`)).join(", ");
    const allowed = sentence("allowed.schemes", { schemes: known });
    throw new FlyBrowserError("invalid_option", { option: `${prefix}url`, value: `${scheme}://…`, allowed });
  }
  const given: DestinationOptions = { url, name, ...(key === undefined ? {} : { key }) };
  const parsed = v.safeParse(kind.options, given);
  if (!parsed.success) {
    const [{ path, message: allowed }] = parsed.issues;
    const field = path?.[0]?.key as keyof DestinationOptions;
    const value = kind.secrets.includes(field) ? sentence("value.hidden") : JSON.stringify(given[field]);
    throw new FlyBrowserError("invalid_option", { option: `${prefix}${field}`, value, allowed });
  }
  return kind.create({ destination_id, name, required, url, key }, stream, tools);
}

/** `host:port` of an address, without a user's name and password. */
function authority(url: string): string {
  return (/^[^:]*:\/\/([^/?#]*)/.exec(url)?.[1] ?? "").replace(/^.*@/, "");
}
