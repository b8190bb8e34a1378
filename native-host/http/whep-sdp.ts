// What the host itself reads of SDP: whether an offer asks to view, and the candidates of a fragment (RFC 8840).
import { parse } from "sdp-transform";
import type { Candidate } from "../../protocol/native-messages.ts";
import { type Sentence, sentence } from "../../protocol/sentence.ts";

const linesOf = (text: string): string[] => text.split(/\r?\n/).filter((line) => line !== "");
const isLine = (line: string): boolean => /^[a-z]=/.test(line);

/** Why a text is no SDP at all; `null`: it looks like an offer. */
export function malformed(offer: string): Sentence | null {
  const lines = linesOf(offer);
  if (lines[0] !== "v=0") return sentence("offer.no_sdp");
  if (!lines.every(isLine)) return sentence("offer.bad_line");
  if (parse(offer).media.length === 0) return sentence("offer.no_section");
  return ufragOf(offer) === null ? sentence("offer.no_credentials") : null;
}

/** Why nothing can be sent to who made this offer; `null`: video can. */
export function unanswerable(offer: string): Sentence | null {
  const videos = parse(offer).media.filter(({ type }) => type === "video");
  if (videos.length === 0) return sentence("offer.no_video");
  const receives = videos.some(({ direction }) => direction !== "sendonly" && direction !== "inactive");
  return receives ? null : sentence("offer.sends_only");
}

/** The first ICE user name in an SDP; `null`: it has none. */
export function ufragOf(sdp: string): string | null {
  const session = parse(sdp);
  const ufrag = [session, ...session.media].find(({ iceUfrag }) => iceUfrag !== undefined)?.iceUfrag;
  return ufrag === undefined ? null : String(ufrag); // one of digits alone is parsed as a number
}

/** What a fragment for trickle ICE says. */
export interface Fragment {
  readonly ufrag: string | null;
  readonly candidates: readonly Candidate[];
}

/**
 * Reads a fragment; `null` when it is none. Candidates before any section belong to the first one. Not by sdp-transform: the
 * candidates go on as they are, with attributes that it doesn't know.
 */
export function parseFragment(text: string): Fragment | null {
  const lines = linesOf(text);
  if (!lines.every(isLine)) return null;
  let ufrag: string | null = null;
  let mid: string | null = null;
  let section = -1;
  const candidates: Candidate[] = [];
  for (const line of lines) {
    const [, name, value = ""] = /^a=(ice-ufrag|mid|candidate):(.*)$/.exec(line) ?? [];
    if (line.startsWith("m=")) {
      section += 1;
      mid = null;
    } else if (name === "ice-ufrag") ufrag = value.trim();
    else if (name === "mid") mid = value.trim();
    else if (name === "candidate") {
      const sdpMLineIndex = mid === null ? Math.max(0, section) : null;
      candidates.push({ candidate: `candidate:${value}`, sdpMid: mid, sdpMLineIndex, usernameFragment: ufrag });
    }
  }
  return { ufrag, candidates };
}
