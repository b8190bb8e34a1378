// What a cache that many viewers share (a caching proxy, a CDN) may keep of the HLS and DASH responses, where FLYBROWSER_CACHE=on
// says that there is one. Without it every response is for the one who asked: its address holds the token.
import { partLogger } from "../logging.ts";
import type { HttpResponse } from "./response.ts";

/** s for which what always means the same bytes may be kept. */
const MEDIA_FOR = 3_600;
/** s for which all else may be kept: also that there is nothing. */
const BRIEFLY = 1;
/** Target durations for which the response to a blocking reload is true: as long as it can be the base of a delta update. */
const RELOAD_FOR = 6;

const log = partLogger("http");

/** Reads FLYBROWSER_CACHE: whether a shared cache stands in front of the host. */
export function hasSharedCache({ FLYBROWSER_CACHE: wish = "" }: NodeJS.ProcessEnv): boolean {
  if (/^(?:on|off|)$/i.test(wish.trim())) return /^on$/i.test(wish.trim());
  log.warning("FLYBROWSER_CACHE={wish} is neither on nor off: caches are told to keep nothing", { wish });
  return false;
}

/** What is asked for. */
export interface CacheFacts {
  /** A playlist that was asked for with `_HLS_msn`: its address means this state of it, and no later one. */
  readonly blocking: boolean;
  /** s; EXT-X-TARGETDURATION. */
  readonly target_duration: number;
}

/**
 * The same response with what a shared cache may do with it (RFC 9111): media for an hour, a blocking reload for as long as it is
 * true, everything else for a second. Nothing that splits it by client; errors that pass (503) are nobody's to keep.
 */
export function forSharedCaches(response: HttpResponse, { blocking, target_duration }: CacheFacts): HttpResponse {
  const { Vary: _, ...headers } = response.headers;
  const { status, compressible, ...rest } = response;
  if (status !== 200 && status !== 404) return { ...rest, status, headers };
  const isMedia = status === 200 && !compressible;
  const seconds = isMedia ? MEDIA_FOR : blocking && status === 200 ? target_duration * RELOAD_FOR : BRIEFLY;
  const unchanging = seconds > BRIEFLY ? ", immutable" : "";
  return { ...rest, status, headers: { ...headers, "Cache-Control": `public, max-age=${seconds}${unchanging}` } };
}
