// The window of a prompt: the extension's own, small, in the middle of the window that the request comes from.
// Never knows what it asks.
import browser from "webextension-polyfill";

const PATH = "extension/pairing/index.html";
/** px */
const WIDTH = 420;
const HEIGHT = 520;

/** Opens it; gives its id. */
export async function openPromptWindow(request_id: string, window_id: number | null): Promise<number> {
  const from = window_id === null ? null : await browser.windows.get(window_id).catch(() => null);
  const middle =
    from?.left === undefined || from.top === undefined || from.width === undefined
      ? {}
      : { left: Math.max(0, Math.round(from.left + (from.width - WIDTH) / 2)), top: Math.max(0, from.top + 80) };
  const created = await browser.windows.create({
    type: "popup",
    url: browser.runtime.getURL(`${PATH}?${new URLSearchParams({ request_id })}`),
    width: WIDTH,
    height: HEIGHT,
    focused: true,
    incognito: false,
    ...middle,
  });
  if (created.id === undefined) throw new Error("Chrome opened no window for the prompt");
  return created.id;
}
