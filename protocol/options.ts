// The options of startStream and startRecording: their schemas, their defaults, and the functions that check them.
import * as v from "valibot";
import { SERVICE_NAMES, serviceNamed } from "./destination-services.ts";
import { type ErrorCode, FlyBrowserError } from "./errors.ts";
import { valueInWords } from "./printable.ts";
import { QUALITIES, type Quality } from "./profiles.ts";
import { say, sentence, type Words } from "./sentence.ts";

/** Streaming protocols. */
export const PROTOCOLS = ["hls", "dash", "rtmp"] as const;
/** Video codecs. */
export const CODECS = ["h264", "h265", "vp9"] as const;
/** Which renditions viewers by HLS and DASH can choose from: lower ones too, made while somebody needs them, or the source alone. */
export const RENDITIONS = ["auto", "source"] as const;

/** What viewers and recordings hear of a tab while its user has muted it: nothing, or all of it. */
export const MUTED_TABS = ["silent", "heard"] as const;

/** Which tab a stream shows: the one it began with, or the one in front, whichever that is. */
export const FOLLOWS = ["page", "active"] as const;

/** Who can open the links of a stream, each with all before it. */
export const SHARES = ["this-computer", "network", "internet"] as const;
/** Who can open the links of a stream. */
export type Share = (typeof SHARES)[number];
/** Schema of {@link Share}. */
export const ShareSchema = v.picklist(SHARES);

/** Destinations that a stream may have, the one of `rtmp_url` included. */
export const MAX_DESTINATIONS = 8;

/** What is allowed for each field of a destination, in words for an error. */
const ALLOWED_IN_DESTINATION = {
  url: sentence("allowed.destination_url", { services: SERVICE_NAMES.join(", ") }),
  key: sentence("allowed.no_spaces"),
  name: sentence("allowed.destination_name"),
  watch_url: sentence("allowed.watch_url"),
};

const DESTINATION = sentence("allowed.destination", { fields: Object.keys(ALLOWED_IN_DESTINATION).join(", ") });
const DESTINATIONS = sentence("allowed.destinations", { limit: MAX_DESTINATIONS });

// Each check of what may be a secret has words of its own: valibot's would repeat what was given.
const KEY = say(ALLOWED_IN_DESTINATION.key);
const KeySchema = v.pipe(v.string(KEY), v.regex(/^\S+$/, KEY));
const ADDRESS = say(ALLOWED_IN_DESTINATION.url);
const WATCH = say(ALLOWED_IN_DESTINATION.watch_url);

/** Schema of a destination, whatever its kind; what a kind asks beyond that stands in native-host/sinks/registry.ts. */
export const DestinationOptionsSchema = v.strictObject(
  {
    /** An address, or the name of a service. */
    url: v.pipe(
      v.string(ADDRESS),
      v.check((url) => /^[a-z][a-z0-9+.-]{0,31}:\/\/[^\s/]\S*$/i.test(url) || serviceNamed(url) !== null, ADDRESS),
    ),
    /** RTMP key, passphrase or token: a secret. */
    key: v.optional(KeySchema),
    /** Left out: the service's name, or the server's. */
    name: v.optional(v.pipe(v.string(), v.minLength(1), v.maxLength(80))),
    /** Where people watch what is sent there: its page, or its playlist. With it, it is a way of `share: "internet"`. */
    watch_url: v.optional(
      v.pipe(
        v.string(WATCH),
        v.check((url) => url.length <= 2_000 && /^https?:\/\/\S+$/i.test(url) && URL.canParse(url), WATCH),
      ),
    ),
  },
  say(DESTINATION),
);
/** A destination, as a caller asks for it. */
export type DestinationOptions = v.InferOutput<typeof DestinationOptionsSchema>;

/** The id of the destination of `rtmp_url`. */
export const RTMP_DESTINATION_ID = "destination_rtmp";

/** Schema of a destination with its address, and with the id that it keeps when another host takes over. */
export const ResolvedDestinationSchema = v.strictObject({
  ...DestinationOptionsSchema.entries,
  destination_id: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{1,64}$/)),
});
/** A destination with its address and its id. */
export type ResolvedDestination = v.InferOutput<typeof ResolvedDestinationSchema>;

const RTMP_URL = say(sentence("allowed.rtmp_url"));
const PixelsSchema = v.pipe(v.number(), v.integer(), v.minValue(16), v.maxValue(7680), v.multipleOf(2));

/** Schema of the options of `startStream`; every key may be left out. */
export const StartStreamOptionsSchema = v.strictObject({
  protocol: v.optional(v.picklist(PROTOCOLS), "hls"),
  quality: v.optional(v.picklist(QUALITIES), "high"),
  codec: v.optional(v.picklist(CODECS), "h264"),
  width: v.optional(PixelsSchema),
  height: v.optional(PixelsSchema),
  frame_rate: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(60))),
  rtmp_url: v.optional(v.pipe(v.string(RTMP_URL), v.regex(/^rtmps?:\/\/[^\s/]+(\/\S*)?$/i, RTMP_URL))),
  rtmp_key: v.optional(KeySchema),
  audio: v.optional(v.boolean(), true),
  /** `silent`: a tab that its user mutes is silent for viewers and recordings too. */
  muted_tab: v.optional(v.picklist(MUTED_TABS), "silent"),
  /** Left out: as the host's environment says, else this computer alone. */
  share: v.optional(ShareSchema),
  renditions: v.optional(v.picklist(RENDITIONS), "auto"),
  /** `active`: it goes along when another tab is opened or brought to front; in browsers that a program has started. */
  follow: v.optional(v.picklist(FOLLOWS), "page"),
  /** Where else it goes. */
  destinations: v.optional(
    v.pipe(v.array(DestinationOptionsSchema, say(DESTINATIONS)), v.maxLength(MAX_DESTINATIONS, say(DESTINATIONS))),
    [],
  ),
});

/** What a caller may give to `startStream`. */
export type StartStreamOptions = v.InferInput<typeof StartStreamOptionsSchema>;

/** Schema of the same with the defaults filled in. Size and rate stay open where the profile decides. */
export const ResolvedStartStreamOptionsSchema = v.strictObject({
  ...StartStreamOptionsSchema.entries,
  destinations: v.optional(v.pipe(v.array(ResolvedDestinationSchema), v.maxLength(MAX_DESTINATIONS)), []),
  /** The quality that it began with, if that was changed while live: keyframes and parts stay as long (quality-change.ts). */
  began_as: v.optional(v.picklist(QUALITIES)),
  /** Its width and height are not its caller's, but those that it had when its quality was changed. */
  size_held: v.optional(v.literal(true)),
});
/** The same with the defaults filled in. */
export type ResolvedStartStreamOptions = v.InferOutput<typeof ResolvedStartStreamOptionsSchema>;

/** What is allowed for each option, in words for an error. */
const ALLOWED: Record<keyof StartStreamOptions, Words> = {
  protocol: PROTOCOLS.join(", "),
  quality: QUALITIES.join(", "),
  codec: CODECS.join(", "),
  width: sentence("allowed.even_pixels"),
  height: sentence("allowed.even_pixels"),
  frame_rate: sentence("allowed.frame_rate"),
  rtmp_url: sentence("allowed.rtmp_url"),
  rtmp_key: ALLOWED_IN_DESTINATION.key,
  audio: "true, false",
  muted_tab: MUTED_TABS.join(", "),
  share: SHARES.join(", "),
  renditions: RENDITIONS.join(", "),
  follow: FOLLOWS.join(", "),
  destinations: DESTINATIONS,
};

/** Options that are secrets, or may hold one: people put keys at the end of addresses too. */
const SECRET_OPTIONS: ReadonlySet<string> = new Set(["options", "rtmp_url", "rtmp_key", "destinations"]);

/** A value as an error may show it: a secret never, anything long cut. */
function show(option: string, value: unknown): Words {
  if (SECRET_OPTIONS.has(option) && value !== undefined) return sentence("value.hidden");
  const text = valueInWords(value);
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/**
 * Checks the options of `startStream` and fills in the defaults.
 * @throws FlyBrowserError `invalid_option` or `unknown_option`, naming option, value and what is allowed.
 */
export function parseStartStreamOptions(input: unknown = {}): ResolvedStartStreamOptions {
  const parsed = v.safeParse(StartStreamOptionsSchema, input);
  if (!parsed.success) throw optionError(parsed.issues[0], input, ALLOWED);
  const options = { ...parsed.output, destinations: parsed.output.destinations.map(resolveDestination) };
  if (options.protocol === "rtmp" && options.rtmp_url === undefined) {
    throw new FlyBrowserError("invalid_option", {
      option: "rtmp_url",
      value: sentence("value.left_out"),
      allowed: sentence("allowed.rtmp_url_needed"),
    });
  }
  if (options.protocol !== "rtmp" && options.rtmp_url !== undefined) {
    const allowed = sentence("allowed.rtmp_given");
    throw new FlyBrowserError("invalid_option", {
      option: "protocol",
      value: show("protocol", options.protocol),
      allowed,
    });
  }
  if (options.rtmp_url !== undefined && options.destinations.length === MAX_DESTINATIONS) {
    const allowed = sentence("allowed.destinations_left", { limit: MAX_DESTINATIONS - 1 });
    throw new FlyBrowserError("invalid_option", {
      option: "destinations",
      value: sentence("value.count", { count: MAX_DESTINATIONS }),
      allowed,
    });
  }
  return options;
}

/**
 * Checks a destination that is to be added to a stream, and gives it its id.
 * @throws FlyBrowserError `invalid_option` or `unknown_option`, naming the field and what is allowed
 */
export function parseDestination(input: unknown): ResolvedDestination {
  const parsed = v.safeParse(DestinationOptionsSchema, input);
  if (parsed.success) return resolveDestination(parsed.output);
  throw fieldError("", "destination", parsed.issues[0].path?.[0]);
}

/** The address of a service in place of its name, and an id that no other destination has. */
function resolveDestination({ url, name, ...rest }: DestinationOptions): ResolvedDestination {
  const service = serviceNamed(url);
  const known = name ?? service?.title;
  const random = crypto.getRandomValues(new Uint8Array(9));
  const destination_id = `destination_${Array.from(random, (byte) => byte.toString(36).padStart(2, "0")).join("")}`;
  return { ...rest, url: service?.url ?? url, ...(known === undefined ? {} : { name: known }), destination_id };
}

/**
 * Checks the quality that a stream is to have.
 * @throws FlyBrowserError `invalid_option`
 */
export function parseQuality(input: unknown): Quality {
  const parsed = v.safeParse(v.picklist(QUALITIES), input);
  if (parsed.success) return parsed.output;
  throw new FlyBrowserError("invalid_option", {
    ...{ option: "quality", value: show("quality", input), allowed: ALLOWED.quality },
  });
}

/**
 * Checks who a stream is to be shared with.
 * @throws FlyBrowserError `invalid_option`
 */
export function parseShare(input: unknown): Share {
  const parsed = v.safeParse(ShareSchema, input);
  if (parsed.success) return parsed.output;
  throw new FlyBrowserError("invalid_option", {
    ...{ option: "share", value: show("share", input), allowed: ALLOWED.share },
  });
}

/** Forms of a recording's file. */
export const RECORDING_FORMATS = ["mp4", "webm"] as const;
/** Form of a recording's file. */
export type RecordingFormat = (typeof RECORDING_FORMATS)[number];

/** Schema of the options of `startRecording`; every key may be left out. */
export const StartRecordingOptionsSchema = v.strictObject({
  /** Left out: what the path says, else what fits the stream's codec. */
  format: v.optional(v.picklist(RECORDING_FORMATS)),
  /** Left out: a new name in the user's videos folder. */
  path: v.optional(v.pipe(v.string(), v.regex(/[^\\/]\.(mp4|webm)$/i))),
  /** Viewers can watch the file by their links once the stream has ended, for as long as those show anything. Left out: no. */
  offer: v.optional(v.boolean()),
  /** Frames a second of the file, evenly: for editors; the picture is encoded once more for it. Left out: each as it was captured. */
  frame_rate: v.optional(v.pipe(v.number(), v.minValue(1), v.maxValue(60))),
});
/** What a caller may give to `startRecording`. */
export type StartRecordingOptions = v.InferOutput<typeof StartRecordingOptionsSchema>;

const ALLOWED_IN_RECORDING: Record<keyof StartRecordingOptions, Words> = {
  format: RECORDING_FORMATS.join(", "),
  path: sentence("allowed.recording_path"),
  offer: "true, false",
  frame_rate: sentence("allowed.frame_rate"),
};

/**
 * Checks the options of `startRecording`; a format that only the path names is filled in.
 * @throws FlyBrowserError `invalid_option` or `unknown_option`, naming option, value and what is allowed.
 */
export function parseStartRecordingOptions(input: unknown = {}): StartRecordingOptions {
  const parsed = v.safeParse(StartRecordingOptionsSchema, input);
  if (!parsed.success) throw optionError(parsed.issues[0], input, ALLOWED_IN_RECORDING);
  const { format, path, ...rest } = parsed.output;
  if (path === undefined) return parsed.output;
  const ending = RECORDING_FORMATS.find((known) => path.toLowerCase().endsWith(`.${known}`)) ?? "mp4";
  if (format !== undefined && format !== ending) {
    const allowed = sentence("allowed.as_path", { format: ending });
    throw new FlyBrowserError("invalid_option", { option: "format", value: show("format", format), allowed });
  }
  return { format: ending, path, ...rest };
}

function optionError(
  issue: v.BaseIssue<unknown>,
  input: unknown,
  allowed: Readonly<Record<string, Words>>,
): FlyBrowserError {
  const option = issue.path?.[0]?.key;
  if (typeof option !== "string") {
    return new FlyBrowserError("invalid_option", {
      option: "options",
      value: show("options", input),
      allowed: sentence("allowed.object"),
    });
  }
  if (option === "destinations" && issue.path && issue.path.length > 1) return destinationError(issue.path);
  const known = Object.hasOwn(allowed, option);
  const code: ErrorCode = known ? "invalid_option" : "unknown_option";
  return new FlyBrowserError(code, {
    option,
    value: show(option, issue.path?.[0]?.value),
    allowed: allowed[option] ?? Object.keys(allowed).join(", "),
  });
}

/** The error for one entry of `destinations`: which one, which field, what is allowed; never what was given. */
function destinationError([, entry, field]: readonly v.IssuePathItem[]): FlyBrowserError {
  const place = `destinations[${String(entry?.key)}]`;
  return fieldError(`${place}.`, place, field);
}

/** The error for one field of a destination, or for all of it. `prefix`: what stands before the field's name. */
function fieldError(prefix: string, place: string, field: v.IssuePathItem | undefined): FlyBrowserError {
  const name = String(field?.key ?? "");
  if (field === undefined) {
    return new FlyBrowserError("invalid_option", {
      option: place,
      value: sentence("value.hidden"),
      allowed: DESTINATION,
    });
  }
  const option = `${prefix}${name}`;
  if (!Object.hasOwn(ALLOWED_IN_DESTINATION, name)) {
    const allowed = Object.keys(ALLOWED_IN_DESTINATION).join(", ");
    return new FlyBrowserError("unknown_option", { option, allowed });
  }
  const allowed = ALLOWED_IN_DESTINATION[name as keyof typeof ALLOWED_IN_DESTINATION];
  const value = field.value === undefined ? sentence("value.left_out") : sentence("value.hidden");
  return new FlyBrowserError("invalid_option", { option, value, allowed });
}
