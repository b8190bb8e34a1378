// How fast the line is, tried by loading a little of a finished segment. What a low rendition's media measure says little: they are a few
// kB, and where they come as they are made, it is the encoder that is measured.

/** ms for which bytes are counted, from the first on: at 400 kbit/s that takes 10 kB of the line. */
const COUNTED = 200;
/** ms until the first bytes. */
const PATIENCE = 2_000;
/** Bytes behind the first ones, below which their time is that of the computer rather than of the line. */
const TELLING = 8_192;

/**
 * bit/s at which a segment comes; `null`: it didn't, or is too small to tell. The rest of it is not loaded. `signal`: gives up.
 */
export async function tryLine(url: string, signal?: AbortSignal): Promise<number | null> {
  const enough = new AbortController();
  let timer = setTimeout(() => enough.abort(), PATIENCE);
  let [began, ended, bytes] = [0, 0, 0];
  try {
    const all = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
    const { ok, body } = await fetch(url, { signal: all });
    if (!ok || !body) return null;
    // WebKit has no async iterator of streams.
    const reader = body.getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      ended = performance.now();
      if (began > 0) bytes += read.value.length;
      else {
        began = ended;
        clearTimeout(timer);
        timer = setTimeout(() => enough.abort(), COUNTED);
      }
    }
  } catch {
    // Enough of it, or no network: what came by then counts.
  } finally {
    clearTimeout(timer);
    enough.abort();
  }
  if (signal?.aborted) return null;
  const counted = performance.now() - began;
  if (began > 0 && counted >= COUNTED) return (bytes * 8_000) / counted;
  return bytes >= TELLING ? (bytes * 8_000) / Math.max(1, ended - began) : null;
}
