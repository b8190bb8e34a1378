// The streaming services that a destination can name instead of an address, and what they take.

/** What a service asks of a stream. */
export interface ServiceLimits {
  readonly codecs: readonly ("h264" | "h265" | "vp9")[];
  /** ms from one keyframe to the next, at most. */
  readonly keyframe_interval: number;
  /** bit/s, at most. */
  readonly video_bitrate: number;
  /** bit/s, at most. */
  readonly audio_bitrate: number;
}

/** A streaming service. */
export interface DestinationService extends ServiceLimits {
  /** As people write it. */
  readonly title: string;
  /** Where it takes streams, by the key alone. */
  readonly url: string;
  /** Its servers, by their names. */
  readonly hosts: RegExp;
}

/**
 * The services by the name that stands for their address. Sources: Twitch's broadcasting guide and OBS Studio's list of services;
 * YouTube Help, "Choose live encoder settings"; Facebook's Live Video API reference, "Recommended Settings".
 */
export const DESTINATION_SERVICES = {
  twitch: {
    title: "Twitch",
    url: "rtmp://live.twitch.tv/app",
    hosts: /(?:^|\.)(?:twitch\.tv|live-video\.net)$/i,
    codecs: ["h264"],
    keyframe_interval: 4_000,
    video_bitrate: 6_000_000,
    audio_bitrate: 320_000,
  },
  youtube: {
    title: "YouTube",
    url: "rtmps://a.rtmps.youtube.com:443/live2",
    hosts: /(?:^|\.)youtube\.com$/i,
    codecs: ["h264", "h265"],
    keyframe_interval: 4_000,
    video_bitrate: 51_000_000,
    audio_bitrate: 256_000,
  },
  facebook: {
    title: "Facebook",
    url: "rtmps://live-api-s.facebook.com:443/rtmp",
    hosts: /(?:^|\.)facebook\.com$/i,
    codecs: ["h264"],
    keyframe_interval: 4_000,
    video_bitrate: 9_000_000,
    audio_bitrate: 256_000,
  },
} as const satisfies Record<string, DestinationService>;

/** Name of a service. */
export type ServiceName = keyof typeof DESTINATION_SERVICES;
/** Names of all services. */
export const SERVICE_NAMES = Object.keys(DESTINATION_SERVICES) as [ServiceName, ...ServiceName[]];

/** The service that a word names, whatever its case; `null`: none. */
export function serviceNamed(word: string): DestinationService | null {
  const name = SERVICE_NAMES.find((each) => each === word.toLowerCase());
  return name === undefined ? null : DESTINATION_SERVICES[name];
}

/** The service that a server belongs to; `null`: none. */
export function serviceAt(host: string): DestinationService | null {
  return Object.values<DestinationService>(DESTINATION_SERVICES).find(({ hosts }) => hosts.test(host)) ?? null;
}
