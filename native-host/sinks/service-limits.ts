// What a known service (Twitch, YouTube, Facebook) takes, checked before a stream is sent there: it would only hang up.
import { type DestinationService, serviceAt } from "../../protocol/destination-services.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { PROFILES, type Profile, QUALITIES, type Quality } from "../../protocol/profiles.ts";
import type { DestinationStatus } from "../../protocol/results.ts";
import { type Sentence, sentence, type Words } from "../../protocol/sentence.ts";
import type { StreamOutline } from "./destination-kind.ts";

/** As much of a stream as a service has limits for. */
type Limited = Pick<StreamOutline, "codec" | "quality" | "audio">;

/**
 * Fails where the service behind a server can't take the stream; a server of nobody's takes all.
 * @throws FlyBrowserError `unsupported_combination`
 */
export function assertServiceTakes(host: string, { codec, quality }: Limited): void {
  const service = serviceAt(host);
  if (!service) return;
  if (!service.codecs.includes(codec)) {
    throw new FlyBrowserError("unsupported_combination", {
      what: sentence("combination.codec_to_service", { codec, service: service.title }),
      reason: sentence("combination.service_codecs", { codecs: service.codecs.join(", ") }),
      instead: sentence("instead.service_codec", { codec: service.codecs[0] ?? "" }),
    });
  }
  const reason = beyond(service, PROFILES[quality]);
  if (reason === null) return;
  throw new FlyBrowserError("unsupported_combination", {
    what: sentence("combination.quality_to_service", { quality, service: service.title }),
    reason,
    instead: sentence("instead.service_quality", { quality: bestFor(service) }),
  });
}

/**
 * The same for all services that a stream goes to by RTMP.
 * @throws FlyBrowserError `unsupported_combination`
 */
export function assertServicesTake(
  destinations: readonly Pick<DestinationStatus, "url" | "state">[],
  stream: Limited,
): void {
  for (const { url, state } of destinations) {
    if (/^rtmps?:/i.test(url) && state !== "failed" && state !== "ended")
      assertServiceTakes(new URL(url).hostname, stream);
  }
}

/** What the service takes, but would rather have otherwise. */
export function serviceAdvice(host: string, { audio }: Limited): Words[] {
  const service = serviceAt(host);
  return service && !audio ? [sentence("health.no_sound", { service: service.title })] : [];
}

/** Which limit a profile breaks; `null`: none. */
function beyond(service: DestinationService, profile: Profile): Sentence | null {
  const tooMuch = (kind: string, limit: number) =>
    sentence("combination.service_bitrate", { kind, kbits: limit / 1000 });
  if ((profile.video_bitrate ?? Number.POSITIVE_INFINITY) > service.video_bitrate)
    return tooMuch("video", service.video_bitrate);
  if (profile.audio_bitrate > service.audio_bitrate) return tooMuch("sound", service.audio_bitrate);
  if (profile.keyframe_interval <= service.keyframe_interval) return null;
  return sentence("combination.service_keyframes", { seconds: service.keyframe_interval / 1000 });
}

/** The best quality that it takes. */
function bestFor(service: DestinationService): Quality {
  return QUALITIES.findLast((each) => beyond(service, PROFILES[each]) === null) ?? "medium";
}
