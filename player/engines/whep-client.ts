// The HTTP side of WHEP (draft-ietf-wish-whep): posts the offer, trickles candidates, ends the session.

/** ms within which the host must respond. */
const RESPONSE_TIMEOUT = 10_000;

/** Why there is no session. `status`: that of HTTP; `null`: the host can't be reached. */
export class WhepError extends Error {
  readonly status: number | null;

  constructor(status: number | null, message: string) {
    super(message);
    this.status = status;
  }
}

/** A session that the host has made. */
export interface WhepSession {
  /** The SDP answer. */
  readonly answer: string;
  /** Absolute URL of the session. */
  readonly url: string;
  /** For trickled candidates; `null`: the host takes none. */
  readonly etag: string | null;
}

async function request(url: string, init: RequestInit): Promise<Response> {
  const signal = AbortSignal.timeout(RESPONSE_TIMEOUT);
  try {
    return await fetch(url, { ...init, cache: "no-store", signal });
  } catch (thrown) {
    throw new WhepError(null, thrown instanceof Error ? thrown.message : String(thrown));
  }
}

/** The STUN and TURN servers that the endpoint announces; none if it can't be reached. */
export async function iceServers(endpoint: string): Promise<RTCIceServer[]> {
  try {
    const response = await request(endpoint, { method: "OPTIONS" });
    return parseIceLinks(response.headers.get("Link"));
  } catch {
    return [];
  }
}

/** The ICE servers of a Link header (RFC 8288, as the draft uses it). */
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
 * Posts an SDP offer and gives the session with the answer.
 * @throws WhepError
 */
export async function openSession(endpoint: string, offer: string): Promise<WhepSession> {
  const headers = { "Content-Type": "application/sdp", Accept: "application/sdp" };
  const response = await request(endpoint, { method: "POST", headers, body: offer });
  const location = response.headers.get("Location");
  if (response.status !== 201 || location === null) {
    throw new WhepError(response.status, `the host responded with ${response.status}`);
  }
  const acceptsTrickle = response.headers.get("Accept-Patch")?.includes("trickle-ice-sdpfrag");
  const etag = acceptsTrickle ? (response.headers.get("ETag") ?? "*") : null;
  return { answer: await response.text(), url: new URL(location, endpoint).href, etag };
}

/** Sends candidates found after the offer. A failure is ignored: the connection may come about without them. */
export async function sendCandidates(session: WhepSession, candidates: readonly RTCIceCandidate[]): Promise<void> {
  if (session.etag === null || candidates.length === 0) return;
  const ufrag = candidates[0]?.usernameFragment;
  const lines = ufrag ? [`a=ice-ufrag:${ufrag}`] : [];
  for (const mid of new Set(candidates.map(({ sdpMid }) => sdpMid))) {
    lines.push("m=video 9 UDP/TLS/RTP/SAVPF 0", `a=mid:${mid ?? "0"}`);
    for (const one of candidates) if (one.sdpMid === mid) lines.push(`a=${one.candidate}`);
  }
  const headers = { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": session.etag };
  await request(session.url, { method: "PATCH", headers, body: `${lines.join("\r\n")}\r\n` }).catch(() => {});
}

/** Ends the session, also while the page is being closed. If that fails, the host notices by itself. */
export function closeSession(session: WhepSession): void {
  void fetch(session.url, { method: "DELETE", keepalive: true }).catch(() => {});
}
