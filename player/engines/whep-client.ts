// A plain WHEP client (draft-ietf-wish-whep): offers, gets the answer, sends late candidates, says goodbye.
// Never touches a connection or a video element.

/** ms within which the host must answer. */
const ANSWER_TIMEOUT = 10_000;

/** Why there is no answer. `status`: HTTP; `null`: the host can't be reached. */
export class WhepRefusal extends Error {
  readonly status: number | null;

  constructor(status: number | null, message: string) {
    super(message);
    this.status = status;
  }
}

/** A session that the host has made. */
export interface WhepSession {
  /** SDP. */
  readonly answer: string;
  /** Address of the session, absolute. */
  readonly url: string;
  /** `null`: the host takes no candidates after the offer. */
  readonly etag: string | null;
}

async function ask(url: string, request: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout(ANSWER_TIMEOUT);
  try {
    return await fetch(url, { ...request, cache: "no-store", signal });
  } catch (thrown) {
    throw new WhepRefusal(null, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** The STUN and TURN servers that the host names for its endpoint; none where it can't be asked. */
export async function iceServers(endpoint: string): Promise<RTCIceServer[]> {
  try {
    const response = await ask(endpoint, { method: "OPTIONS" });
    return parseIceLinks(response.headers.get("Link"));
  } catch {
    return [];
  }
}

/** Reads the Link header (RFC 8288, as the draft uses it). */
export function parseIceLinks(header: string | null): RTCIceServer[] {
  const links = (header ?? "").matchAll(/<([^>]*)>((?:\s*;\s*[\w-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|[^\s;,]+))*)/g);
  return [...links].flatMap(([, urls = "", rest = ""]) => {
    const value = (name: string): string | undefined =>
      new RegExp(`;\\s*${name}\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|([^\\s;,]+))`, "i")
        .exec(rest)
        ?.slice(1)
        .find((text) => text !== undefined)
        ?.replace(/\\(.)/g, "$1");
    if (value("rel") !== "ice-server") return [];
    const [username, credential] = [value("username"), value("credential")];
    return [username !== undefined && credential !== undefined ? { urls, username, credential } : { urls }];
  });
}

/**
 * Posts an offer.
 * @throws WhepRefusal
 */
export async function openSession(endpoint: string, offer: string): Promise<WhepSession> {
  const headers = { "Content-Type": "application/sdp", Accept: "application/sdp" };
  const response = await ask(endpoint, { method: "POST", headers, body: offer });
  const location = response.headers.get("Location");
  if (response.status !== 201 || location === null) {
    throw new WhepRefusal(response.status, `the host answered ${response.status}`);
  }
  const takesMore = response.headers.get("Accept-Patch")?.includes("trickle-ice-sdpfrag");
  const etag = takesMore ? (response.headers.get("ETag") ?? "*") : null;
  return { answer: await response.text(), url: new URL(location, endpoint).href, etag };
}

/** Sends candidates that were found after the offer; without them the connection may still come about. */
export async function sendCandidates(session: WhepSession, candidates: readonly RTCIceCandidate[]): Promise<void> {
  if (session.etag === null || candidates.length === 0) return;
  const ufrag = candidates[0]?.usernameFragment;
  const lines = ufrag ? [`a=ice-ufrag:${ufrag}`] : [];
  for (const mid of new Set(candidates.map(({ sdpMid }) => sdpMid))) {
    lines.push("m=video 9 UDP/TLS/RTP/SAVPF 0", `a=mid:${mid ?? "0"}`);
    for (const one of candidates) if (one.sdpMid === mid) lines.push(`a=${one.candidate}`);
  }
  const headers = { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": session.etag };
  await ask(session.url, { method: "PATCH", headers, body: `${lines.join("\r\n")}\r\n` }).catch(() => {});
}

/** Says goodbye, also when the page is being closed; without it the host notices by itself. */
export function closeSession(session: WhepSession): void {
  void fetch(session.url, { method: "DELETE", keepalive: true }).catch(() => {});
}
