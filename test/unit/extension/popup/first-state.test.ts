import { beforeEach, expect, it, vi } from "vitest";
import { firstState } from "../../../../extension/popup/first-state.ts";

const chrome = vi.hoisted(() => ({
  tabs: [] as { id: number; title: string; url: string }[],
  local: {} as Record<string, unknown>,
  session: {} as Record<string, unknown>,
}));
vi.mock("webextension-polyfill", () => ({
  default: {
    tabs: {
      query: async () => chrome.tabs,
      get: async (id: number) => {
        const tab = chrome.tabs.find((each) => each.id === id);
        if (!tab) throw new Error(`No tab with id: ${id}.`);
        return tab;
      },
    },
    storage: { local: { get: async () => chrome.local }, session: { get: async () => chrome.session } },
  },
}));

beforeEach(() => {
  chrome.tabs = [{ id: 7, title: "Shoes", url: "https://shop.example/shoes" }];
  chrome.local = {};
  chrome.session = {};
});

it("the tab in front and what was chosen last are there without the service worker, and no key is", async () => {
  chrome.local = {
    ...{ quality: "medium", share: "network", audio: false },
    destinations: [{ id: "a", on: true, url: "rtmp://server.example/live", key: "secret" }],
  };
  const first = await firstState(null);
  expect(first?.tab_id).toBe(7);
  expect(first?.state).toMatchObject({
    tab: { title: "Shoes", not_capturable: null },
    ...{ quality: "medium", share: "network", audio: false, phase: "idle", host: null },
    destinations: [{ id: "a", name: "server.example", on: true, has_key: true }],
  });
  expect(JSON.stringify(first)).not.toContain("secret");
});

it("a browser in which nothing was chosen yet; a page of Chrome's own", async () => {
  expect((await firstState(7))?.state).toMatchObject({ quality: "high", share: "this-computer", audio: true });
  chrome.tabs = [{ id: 7, title: "", url: "chrome://version" }];
  expect((await firstState(7))?.state?.tab.not_capturable).toMatchObject({ code: "capture.chrome_pages" });
});

it("while something is captured, only the service worker says how that is", async () => {
  chrome.session = { tabs: [{ tab: { tab_id: 9 } }] };
  expect(await firstState(null)).toEqual({ tab_id: 7, state: null });
  chrome.session = { tabs: [] };
  expect((await firstState(null))?.state).not.toBeNull();
});

it("a tab that has gone, and none in front", async () => {
  expect(await firstState(8)).toEqual({ tab_id: 8, state: null });
  chrome.tabs = [];
  expect(await firstState(null)).toBeNull();
});
