// What a page may ask for, beyond what its messages are checked for.
import { expect, it, vi } from "vitest";
import { PageActions, type PageActionsDependencies } from "../../../../extension/background/page-actions.ts";

vi.mock("webextension-polyfill", () => ({ default: {} }));

it("a page can't have its stream go along to other tabs", async () => {
  const startStream = vi.fn();
  const actions = new PageActions({ captured: { startStream } } as unknown as PageActionsDependencies);
  const page = { origin: "https://example.com", tab_id: 1, window_id: null, incognito: false };
  await expect(actions.startStream(page, { follow: "active" })).rejects.toMatchObject({
    code: "invalid_option",
    details: { option: "follow", value: "active", allowed: "page" },
  });
  expect(startStream).not.toHaveBeenCalled();
});
