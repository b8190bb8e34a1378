// The HTTP of WHIP (RFC 9725): an offer is posted, its answer and the address of the session come back, and a DELETE ends it. Bearer
// token and session's address live in private fields: neither inspection nor JSON shows them.
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { type Sentence, sentence } from "../../../protocol/sentence.ts";
import { networkWords } from "../network-words.ts";

/** ms for a request. */
const TIMEOUT = 8_000;
/** ms for the words of leave. */
const LEAVE_TIMEOUT = 2_000;
const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 307, 308];
/** What may be over soon (a session that has not ended yet, too many, overloaded). */
const PASSING = [408, 409, 425, 429];
/** Characters of an answer that are believed. */
const MOST_SDP = 256 * 1024;

/** Where a session is begun. */
export interface WhipTarget {
  /** `https://…`: may hold a secret. */
  readonly endpoint: string;
  /** As it may be shown. */
  readonly server: string;
  readonly token: string | undefined;
}

/** A session on a server. */
export class WhipSession {
  /** SDP. */
  readonly answer: string;
  readonly #resource: string;
  readonly #token: string | undefined;

  private constructor(answer: string, resource: string, token: string | undefined) {
    this.answer = answer;
    this.#resource = resource;
    this.#token = token;
  }

  /**
   * Posts the offer, and follows redirects (RFC 9725, 4.5).
   * @throws FlyBrowserError `destination_unreachable`, `destination_refused`
   */
  static async open(target: WhipTarget, offer: string, signal: AbortSignal): Promise<WhipSession> {
    const { server } = target;
    const refuse = (reason: Sentence) => new FlyBrowserError("destination_refused", { server, reason });
    const { token } = target;
    let { endpoint } = target;
    for (let redirects = 0; ; redirects++) {
      const response = await post(endpoint, target, offer, signal);
      const location = response.headers.get("location");
      if (REDIRECTS.includes(response.status) && location !== null && URL.canParse(location, endpoint)) {
        await response.body?.cancel();
        if (redirects === MOST_REDIRECTS) throw refuse(sentence("whip.too_many_redirects", { count: redirects + 1 }));
        const next = new URL(location, endpoint);
        if (next.protocol !== "https:" && next.origin !== new URL(endpoint).origin && token !== undefined) {
          throw refuse(sentence("whip.insecure_redirect")); // it would be shown the token
        }
        endpoint = next.href;
        continue;
      }
      if (response.status !== 201 && response.status !== 200) throw await refusal(server, response);
      const answer = (await response.text()).slice(0, MOST_SDP);
      if (!answer.startsWith("v=0")) throw refuse(sentence("whip.no_sdp"));
      if (location === null || !URL.canParse(location, endpoint)) throw refuse(sentence("whip.no_location"));
      return new WhipSession(answer, new URL(location, endpoint).href, token);
    }
  }

  /** Ends the session; within 2 s, whatever the server says. */
  async close(): Promise<void> {
    const headers = authorization(this.#token);
    const signal = AbortSignal.timeout(LEAVE_TIMEOUT);
    try {
      const response = await fetch(this.#resource, { method: "DELETE", headers, signal });
      await response.body?.cancel();
    } catch {
      // It ends there when its media stop.
    }
  }
}

function authorization(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { Authorization: `Bearer ${token}` };
}

async function post(endpoint: string, target: WhipTarget, offer: string, given_up: AbortSignal): Promise<Response> {
  const late = AbortSignal.timeout(TIMEOUT);
  try {
    return await fetch(endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/sdp", Accept: "application/sdp", ...authorization(target.token) },
      body: offer,
      redirect: "manual",
      signal: AbortSignal.any([late, given_up]),
    });
  } catch (thrown) {
    const reason = late.aborted ? sentence("http.silent", { seconds: TIMEOUT / 1000 }) : networkWords(thrown);
    throw new FlyBrowserError("destination_unreachable", { server: target.server, reason });
  }
}

async function refusal(server: string, response: Response): Promise<FlyBrowserError> {
  await response.body?.cancel();
  const { status } = response;
  const reason = sentence("http.answered", { status, text: response.statusText.slice(0, 60) });
  const passing = PASSING.includes(status) || status >= 500;
  return new FlyBrowserError(passing ? "destination_unreachable" : "destination_refused", { server, reason });
}
