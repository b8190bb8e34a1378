// What is changed in a viewer's offer before Chrome sees it: which codec comes first, how fast sending may begin.
import { type MediaDescription, parse, parsePayloads, write } from "sdp-transform";

/** Codecs in the order in which they are preferred; what isn't named comes after them, in the viewer's order. */
const PREFERRED = ["h264", "vp8", "vp9"];
/** Rank of a H.264 payload that isn't what our encoder makes best: behind it, before the other codecs. */
const LESSER = 0.5;

/** A codec's name in lower case; one of digits alone is parsed as a number, against its type. */
const nameOf = (codec: string | undefined): string => String(codec ?? "").toLowerCase();

/** 0 for the best payload; PREFERRED.length for one that we don't send. */
function rank({ rtp, fmtp }: Pick<MediaDescription, "rtp" | "fmtp">, payload: number): number {
  const codec = nameOf(rtp.find((one) => one.payload === payload)?.codec);
  const index = PREFERRED.indexOf(codec);
  if (index < 0) return PREFERRED.length;
  if (index > 0) return index;
  const config = String(fmtp.find((one) => one.payload === payload)?.config ?? "");
  // Constrained Baseline in several packets a frame: what Chrome's encoder makes, and what every decoder takes.
  const best = /packetization-mode=1/.test(config) && /profile-level-id=42[ce]0/i.test(config);
  return best ? 0 : LESSER;
}

/**
 * The offer with its video codecs in our order, H.264 first, as Chrome sends with the first that it can; and with the
 * bitrate at which Chrome begins, bit/s. By itself it begins with 300 kbit/s, at which the first image of a page takes
 * seconds; a line that is slower is found out within the first second. What isn't SDP is left for Chrome to refuse.
 */
export function prepareOffer(offer: string, start_bitrate: number): string {
  const session = parse(offer);
  if (session.media.length === 0) return offer;
  const parameter = `x-google-start-bitrate=${Math.round(start_bitrate / 1000)}`;
  for (const section of session.media) {
    if (section.type !== "video") continue;
    const payloads = parsePayloads(section.payloads ?? ""); // a single one is a number, against its type
    section.payloads = payloads.toSorted((a, b) => rank(section, a) - rank(section, b)).join(" ");
    for (const { payload, codec } of section.rtp) {
      if (!PREFERRED.includes(nameOf(codec))) continue;
      const format = section.fmtp.find((one) => one.payload === payload);
      if (format) format.config += `;${parameter}`;
      else section.fmtp.push({ payload, config: parameter });
    }
  }
  return write(session);
}
