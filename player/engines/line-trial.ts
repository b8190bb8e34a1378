// How fast the line is, tried by loading a little of a finished segment. What a low rendition's media measure says little: they are a few
// kB, and where they come as they are made, it is the encoder that is measured.

/** ms for which bytes are counted, from the first on: at 400 kbit/s that takes 10 kB of the line. */
const COUNTED = 200;
/** ms until the first bytes. */
const PATIENCE = 2_000;
/** Bytes behind the first ones, below which their time is that of the computer rather than of the line. */
const TELLING = 8_192;

/**
 * bit/s at which finished segments come: the newest, or several together where that one is too small to tell, as of a page on which little
 * moves. `null`: nothing came, or all is too small. The rest of what is under way is not loaded. `signal`: gives up.
 */
export async function tryLine(segments: readonly string[], signal?: AbortSignal): Promise<number | null> {
  const [newest, ...older] = segments;
  if (newest === undefined) return null;
  const { speed, whole } = await load([newest], signal);
  if (speed !== null || !whole || older.length === 0) return speed;
  return (await load(older, signal)).speed;
}

/** Loads them at the same time. `whole`: all were there, and nothing of them is missing. */
async function load(urls: readonly string[], signal?: AbortSignal): Promise<{ speed: number | null; whole: boolean }> {
  const enough = new AbortController();
  let timer = setTimeout(() => enough.abort(), PATIENCE);
  let [began, ended, bytes] = [0, 0, 0];
  const all = signal ? AbortSignal.any([signal, enough.signal]) : enough.signal;
  const read = async (url: string): Promise<boolean> => {
    const { ok, body } = await fetch(url, { signal: all });
    if (!ok || !body) return false;
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
    return true;
  };
  // Enough of it, or no network: what came by then counts.
  const came = await Promise.all(urls.map((url) => read(url).catch(() => false)));
  clearTimeout(timer);
  enough.abort();
  const counted = performance.now() - began;
  const whole = came.every((each) => each);
  if (signal?.aborted || began === 0) return { speed: null, whole: false };
  if (counted >= COUNTED) return { speed: (bytes * 8_000) / counted, whole };
  return { speed: bytes >= TELLING ? (bytes * 8_000) / Math.max(1, ended - began) : null, whole };
}
