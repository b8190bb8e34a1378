// Which page the toolbar button opens.
import { expect, test, vi } from "vitest";

const pages = vi.hoisted(() => [] as string[]);
vi.mock("webextension-polyfill", () => ({
  default: { action: { setPopup: async ({ popup }: { popup: string }) => void pages.push(popup) } },
}));

import { PopupPage } from "../../../../extension/background/popup-page.ts";

test("Chrome is told when the first tab is captured and when the last one isn't any more, and by each new service worker", () => {
  const page = new PopupPage();
  for (const captured of [false, false, true, true, false]) page.captured = captured;
  const rest = "/extension/popup/index.html";
  expect(pages).toEqual([rest, `${rest}#captured`, rest]);
});
