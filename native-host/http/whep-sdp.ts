// What the host itself reads of SDP: whether an offer asks to view, and the candidates of a fragment (RFC 8840).
// Pure; never makes an answer: the extension does.
import type { Candidate } from "../../protocol/native-messages.ts";

const lines = (text: string): string[] => text.split(/\r?\n/).filter((line) => line !== "");

/** Why a text is no SDP at all; `null`: it looks like one. */
export function malformed(offer: string): string | null {
  const all = lines(offer);
  if (all[0] !== "v=0") return "it is no SDP: its first line must be v=0";
  if (all.some((line) => !/^[a-z]=/.test(line))) return "a line of it is not of the form x=value";
  if (!all.some((line) => line.startsWith("m="))) return "it has no media section";
  if (!all.some((line) => line.startsWith("a=ice-ufrag:"))) return "it has no ICE credentials";
  return null;
}

/** Why nothing can be sent to who made this offer; `null`: video can. */
export function unanswerable(offer: string): string | null {
  let receives = false;
  let video = false;
  const all = lines(offer);
  for (const [index, line] of all.entries()) {
    if (!line.startsWith("m=video ")) continue;
    const next = all.findIndex((other, at) => at > index && other.startsWith("m="));
    const section = all.slice(index, next < 0 ? undefined : next);
    video = true;
    if (!section.includes("a=sendonly") && !section.includes("a=inactive")) receives = true;
  }
  if (!video) return "it has no video section";
  return receives ? null : "it must ask to receive video (a=recvonly)";
}

/** What a fragment for trickle ICE says. */
export interface Fragment {
  readonly ufrag: string | null;
  readonly candidates: readonly Candidate[];
}

/** Reads a fragment; `null` when it is none. Candidates before any section belong to the first one. */
export function parseFragment(text: string): Fragment | null {
  const all = lines(text);
  if (all.some((line) => !/^[a-z]=/.test(line))) return null;
  let ufrag: string | null = null;
  let mid: string | null = null;
  let section = -1;
  const candidates: Candidate[] = [];
  for (const line of all) {
    if (line.startsWith("a=ice-ufrag:")) ufrag = line.slice("a=ice-ufrag:".length).trim();
    else if (line.startsWith("m=")) {
      section += 1;
      mid = null;
    } else if (line.startsWith("a=mid:")) mid = line.slice("a=mid:".length).trim();
    else if (line.startsWith("a=candidate:")) {
      const sdpMLineIndex = mid === null ? Math.max(0, section) : null;
      candidates.push({ candidate: line.slice("a=".length), sdpMid: mid, sdpMLineIndex, usernameFragment: ufrag });
    }
  }
  return { ufrag, candidates };
}

/** The first ICE user name in an SDP. */
export function ufragOf(sdp: string): string | null {
  return /^a=ice-ufrag:(\S+)/m.exec(sdp)?.[1] ?? null;
}
