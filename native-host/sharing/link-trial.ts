// Tries a link at its own address before it is called good: it must lead to this very stream.
import * as v from "valibot";
import { Deadline, sleep } from "../../protocol/async.ts";
import { type Sentence, sentence } from "../../protocol/sentence.ts";

/** ms between two tries, and for one of them at most. */
const TRY_EVERY = 500;
const ONE_TRY = 3_000;

/** As much of a stream's state as tells that it is the right one. */
const StateSchema = v.object({ stream_id: v.string() });

/** What is tried. */
export interface LinkTrial {
  /** URL of the folder of the stream, without a slash at the end. */
  readonly url: string;
  readonly stream_id: string;
  /** ms */
  readonly within: number;
  readonly fetch?: typeof fetch;
}

/** Tries a link until it leads to the stream; gives why it doesn't, or `null`. */
export async function tryLink({ url, stream_id, within, fetch: get = fetch }: LinkTrial): Promise<Sentence | null> {
  const deadline = new Deadline(within);
  for (;;) {
    const wrong = await tryOnce(get, `${url}/state`, stream_id, Math.ceil(Math.min(ONE_TRY, deadline.left) + 1));
    if (wrong === null || deadline.left < TRY_EVERY) return wrong;
    await sleep(TRY_EVERY);
  }
}

async function tryOnce(get: typeof fetch, url: string, stream_id: string, within: number): Promise<Sentence | null> {
  try {
    // ngrok shows browsers a page of its own first, but for this header.
    const headers = { "ngrok-skip-browser-warning": "1" };
    const response = await get(url, { headers, redirect: "manual", signal: AbortSignal.timeout(within) });
    const body: unknown = await response.json().catch(() => null);
    if (v.is(StateSchema, body) && body.stream_id === stream_id) return null;
    if (response.status === 421) return sentence("share.wrong_name");
    return sentence("share.other_answer", { status: response.status });
  } catch (thrown) {
    return sentence("share.no_answer", { error: reasonOf(thrown) });
  }
}

/** What the system says of a failed request: `fetch failed` alone tells nothing. */
export function reasonOf(thrown: unknown): string {
  const { cause, message, name } = thrown as Error & { cause?: Error & { code?: string } };
  if (name === "TimeoutError") return "timeout";
  return cause?.code ?? cause?.message ?? message;
}
