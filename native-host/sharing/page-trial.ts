// Tries the place where a destination's viewers watch: something must answer there, and a playlist must be one of now.
import { type Sentence, sentence } from "../../protocol/sentence.ts";
import { reasonOf } from "./link-trial.ts";

/** ms for one try, and characters that are read of an answer: playlists are far shorter. */
const ONE_TRY = 5_000;
const MOST = 262_144;
/** ms by which the newest segment of a playlist may lie behind, clocks of two computers among it. */
const BEHIND = 60_000;

/** What a try works with. */
export interface PageTrial {
  /** Epoch ms. */
  readonly now?: number;
  readonly fetch?: typeof fetch;
}

/** Tries it once; gives why nobody could watch there, or `null`. */
export async function tryPage(
  url: string,
  { now = Date.now(), fetch: get = fetch }: PageTrial = {},
): Promise<Sentence | null> {
  try {
    const signal = AbortSignal.timeout(ONE_TRY);
    const first = await load(get, url, signal);
    if (typeof first !== "string") return first;
    if (!first.startsWith("#EXTM3U")) return null;
    const variant = /^#EXT-X-STREAM-INF:.*\n(?:#.*\n|\s*\n)*([^#\s].*)$/m.exec(first)?.[1];
    const media = variant === undefined ? first : await load(get, new URL(variant.trim(), url).href, signal);
    if (typeof media !== "string") return media;
    return isOfNow(media, now) ? null : sentence("share.page_old");
  } catch (thrown) {
    return sentence("share.no_answer", { error: reasonOf(thrown) });
  }
}

/** What stands there, or why it can't be had. */
async function load(get: typeof fetch, url: string, signal: AbortSignal): Promise<string | Sentence> {
  const response = await get(url, { signal, headers: { accept: "*/*" } });
  if (!response.ok) {
    await response.body?.cancel();
    return sentence("share.page_status", { status: response.status });
  }
  let text = "";
  const decoder = new TextDecoder();
  for await (const bytes of response.body ?? []) {
    text += decoder.decode(bytes, { stream: true });
    if (text.length > MOST) break;
  }
  return text.replaceAll("\r\n", "\n");
}

/** Whether a media playlist goes on, and its newest segment is of now; one without dates may be (RFC 8216, 4.3.2.6). */
function isOfNow(playlist: string, now: number): boolean {
  if (/^#EXT-X-ENDLIST\s*$/m.test(playlist) || !/^#EXTINF:/m.test(playlist)) return false;
  const [, date = "", after = ""] =
    /^#EXT-X-PROGRAM-DATE-TIME:(.*)\n(?![\s\S]*^#EXT-X-PROGRAM-DATE-TIME:)([\s\S]*)/m.exec(playlist) ?? [];
  const begins = Date.parse(date);
  if (Number.isNaN(begins)) return true;
  const seconds = [...after.matchAll(/^#EXTINF:([\d.]+)/gm)].reduce((sum, [, duration]) => sum + Number(duration), 0);
  return begins + seconds * 1000 > now - BEHIND;
}
