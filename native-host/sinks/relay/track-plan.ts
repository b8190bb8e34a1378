// What the relay takes of an SDP offer: its section for H.264 and the one for Opus, under the offer's own numbers.
import { type MediaDescription, parse, parsePayloads } from "sdp-transform";

/** Says of which matrix the pixels are; Chrome sends it with keyframes (libwebrtc: docs/native-code/rtp-hdrext/color-space). */
const COLOUR_SPACE = "http://www.webrtc.org/experiments/rtp-hdrext/color-space";

/** A track that is sent or taken. */
export interface TrackPlan {
  readonly kind: "video" | "audio";
  readonly mid: string;
  readonly payload_type: number;
  /** Parameters of its format, as they were offered. */
  readonly format: string;
  /** Id of the one header extension that goes along; `null`: the other side doesn't know it. */
  readonly extension_id: number | null;
  /** The other side wants to know how long its packets take (RFC 3611, 5); by that Chrome tells when a frame was captured. */
  readonly round_trips: boolean;
}

/** A candidate of an offer, and its section. */
export interface OfferedCandidate {
  readonly mid: string;
  readonly candidate: string;
}

/** What an offer comes to. */
export interface OfferPlan {
  readonly video: TrackPlan | null;
  readonly audio: TrackPlan | null;
  /** Mids of sections that nothing is sent in. */
  readonly unused: readonly { readonly mid: string; readonly kind: "video" | "audio" }[];
  /** The offer without candidates, which are added afterwards: one that can't be used must not spoil the rest. */
  readonly bare_offer: string;
  readonly candidates: readonly OfferedCandidate[];
}

/** Plans for an offer. `offerer`: what the other side does with the tracks. */
export function planOf(offer: string, offerer: "sends" | "receives"): OfferPlan {
  const { media } = parse(offer);
  const unwilling = offerer === "receives" ? "sendonly" : "recvonly";
  const found: { video: TrackPlan | null; audio: TrackPlan | null } = { video: null, audio: null };
  const unused: { mid: string; kind: "video" | "audio" }[] = [];
  for (const section of media) {
    const { type: kind, direction } = section;
    if (kind !== "video" && kind !== "audio") continue;
    const mid = String(section.mid ?? "");
    // With max-bundle Firefox gives every section but the first port 0 as well, and says so (RFC 9143, 6).
    const refused = section.port === 0 && section.bundleOnly === undefined;
    const willing = direction !== unwilling && direction !== "inactive" && !refused;
    const plan = willing && !found[kind] ? trackPlan(kind, mid, section) : null;
    if (plan) found[kind] = plan;
    else unused.push({ mid, kind });
  }
  return { ...found, unused, ...split(offer) };
}

function trackPlan(kind: "video" | "audio", mid: string, section: MediaDescription): TrackPlan | null {
  const formatOf = (payload: number) => String(section.fmtp.find((one) => one.payload === payload)?.config ?? "");
  const rank = kind === "video" ? videoRank : audioRank;
  const [best] = parsePayloads(section.payloads ?? "")
    .flatMap((payload) => {
      const codec = String(section.rtp.find((one) => one.payload === payload)?.codec ?? "").toLowerCase();
      const rated = rank(codec, formatOf(payload));
      return rated === null ? [] : [{ payload, rated }];
    })
    .sort((a, b) => a.rated - b.rated);
  if (!best) return null;
  const extension = kind === "video" ? section.ext?.find(({ uri }) => uri === COLOUR_SPACE)?.value : undefined;
  return {
    ...{ kind, mid },
    payload_type: best.payload,
    format: formatOf(best.payload),
    extension_id: extension !== undefined && extension <= 14 ? extension : null,
    round_trips: section.invalid?.some(({ value }) => /^rtcp-xr:.*\brcvr-rtt=/.test(value)) === true,
  };
}

/** Constrained Baseline first, which is what is sent; frames come in several packets, which mode 0 doesn't allow. */
function videoRank(codec: string, format: string): number | null {
  if (codec !== "h264" || !/packetization-mode=1/.test(format)) return null;
  return /profile-level-id=42[ce]0/i.test(format) ? 0 : 1;
}

const audioRank = (codec: string): number | null => (codec === "opus" ? 0 : null);

function split(offer: string): Pick<OfferPlan, "bare_offer" | "candidates"> {
  const candidates: OfferedCandidate[] = [];
  const lines: string[] = [];
  // A section's mid may stand after its candidates.
  for (const section of offer.split(/\r?\n(?=m=)/)) {
    const mid = /^a=mid:(.*)$/m.exec(section)?.[1]?.trim() ?? "";
    for (const line of section.split(/\r?\n/)) {
      if (line.startsWith("a=candidate:")) candidates.push({ mid, candidate: line.slice(2) });
      else if (line !== "" && !line.startsWith("a=end-of-candidates")) lines.push(line);
    }
  }
  return { bare_offer: `${lines.join("\r\n")}\r\n`, candidates };
}

/** What an answer has beside the library's own lines. */
export function answerLines({ extension_id, round_trips }: TrackPlan): string[] {
  return [
    ...(extension_id === null ? [] : [`a=extmap:${extension_id} ${COLOUR_SPACE}`]),
    ...(round_trips ? ["a=rtcp-xr:rcvr-rtt=all"] : []),
  ];
}
