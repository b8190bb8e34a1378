// The nine quality profiles of the contract, and which protocols their viewers try first.

/** The protocols a stream can be watched over. */
export const VIEWING_PROTOCOLS = ["webrtc", "live", "ll-hls", "dash", "hls"] as const;

/** One of {@link VIEWING_PROTOCOLS}. */
export type ViewingProtocol = (typeof VIEWING_PROTOCOLS)[number];

/** What a quality stands for. */
export interface Profile {
  /** Cap of the video, bit/s; `null`: no cap. */
  readonly video_bitrate: number | null;
  /** Largest width, px; `null`: the tab's. */
  readonly max_width: number | null;
  /** Largest height, px; `null`: the tab's. */
  readonly max_height: number | null;
  /** Frames a second. */
  readonly frame_rate: number;
  /** Time between keyframes, ms. */
  readonly keyframe_interval: number;
  /** AAC bitrate, bit/s. */
  readonly audio_bitrate: number;
  /** Viewing protocols, preferred one first. */
  readonly viewing: readonly ViewingProtocol[];
  /** Media are handed on in pieces as short as they come: more messages and headers, where nobody pays for them, and less delay. */
  readonly eager: boolean;
}

const profile = (
  video_bitrate: number | null,
  box: readonly [number, number] | null,
  frame_rate: number,
  keyframe_interval: number,
  audio_bitrate: number,
  viewing: readonly ViewingProtocol[],
  eager = false,
): Profile => ({
  video_bitrate,
  max_width: box?.[0] ?? null,
  max_height: box?.[1] ?? null,
  frame_rate,
  keyframe_interval,
  audio_bitrate,
  viewing,
  eager,
});

const LL = ["ll-hls", "hls"] as const;
/** A connection of the host for each viewer: where few watch, from near. */
const LIVE = ["live", ...LL] as const;

/** The profiles by name, in the order in which people are shown them. */
export const PROFILES = {
  ultra_low_latency: profile(1_500_000, [1280, 720], 30, 1000, 64_000, ["webrtc", ...LIVE], true),
  low_bandwidth: profile(500_000, [854, 480], 15, 2000, 48_000, ["hls"]),
  medium: profile(1_500_000, [1280, 720], 30, 1000, 96_000, LL),
  high: profile(3_000_000, [1920, 1080], 30, 1000, 128_000, LL),
  ultra_high: profile(6_000_000, [1920, 1080], 60, 1000, 160_000, LL),
  local_high: profile(12_000_000, [1920, 1080], 60, 1000, 192_000, LIVE, true),
  local_4k: profile(25_000_000, [3840, 2160], 30, 1000, 192_000, LIVE, true),
  studio: profile(50_000_000, [3840, 2160], 60, 1000, 256_000, LIVE),
  lossless: profile(null, null, 30, 1000, 256_000, LIVE),
} as const satisfies Record<string, Profile>;

/** Name of a profile. */
export type Quality = keyof typeof PROFILES;

/** All names, in the order of the table. */
export const QUALITIES = Object.keys(PROFILES) as [Quality, ...Quality[]];
