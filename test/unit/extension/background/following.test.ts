// Which stream goes where: what came to the front, what was closed, whose browser it is.
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { CapturedTab } from "../../../../extension/background/captured-tab.ts";
import { Following } from "../../../../extension/background/following.ts";
import type { Tab } from "../../../../protocol/native-messages.ts";

interface Fake {
  tab_id: number;
  follows: boolean;
  moves: boolean;
  admitted: number[] | null;
  admits(tab_id: number): boolean;
  admit(tab_id: number): void;
  record: { stream: string; before: number[]; home: number; tab: { tab_id: number } };
  readonly goTo: ReturnType<typeof vi.fn>;
  readonly placeIs: ReturnType<typeof vi.fn>;
  readonly release: ReturnType<typeof vi.fn>;
}

function fakeTab(tab_id: number, follows: boolean, before: number[] = [], home = tab_id): Fake {
  const spies = { goTo: vi.fn(), placeIs: vi.fn(), release: vi.fn(async () => {}) };
  const fake: Fake = {
    ...{ tab_id, follows, moves: false, record: { stream: "live", before, home, tab: { tab_id } }, ...spies },
    admitted: null,
    admits: (other) => fake.admitted?.includes(other) ?? true,
    admit: (other) => void fake.admitted?.push(other),
  };
  return fake;
}

/** Tabs that are open, each with its opener. */
let open: Map<number, { url: string; opener: number | null }>;
let tabs: Fake[];
let ended: string[];

function following(automation = true): Following {
  return new Following({
    automation,
    captured: {
      get all() {
        return tabs as unknown as CapturedTab[];
      },
      get: (tab_id) => tabs.find((tab) => tab.tab_id === tab_id) as unknown as CapturedTab | undefined,
      require: () => tabs[0] as unknown as CapturedTab,
      byStream: () => tabs[0] as unknown as CapturedTab,
      captureEnded: async (stream_id) => void ended.push(stream_id),
    },
    getTab: async (tab_id) => {
      const tab = open.get(tab_id);
      if (!tab) throw new Error("closed");
      const not_capturable = tab.url.startsWith("chrome:") ? "protected" : null;
      return { tab_id, target_id: null, url: tab.url, title: "", not_capturable, stream_id: null } satisfies Tab;
    },
    openerOf: async (tab_id) => open.get(tab_id)?.opener ?? null,
    pageOf: async (tab_id) => (open.has(tab_id) ? "running" : null),
    activeTabOf: async (window_id) => window_id + 1,
    activeTab: async () => [...open.keys()].at(-1) ?? null,
  });
}

beforeEach(() => {
  vi.stubGlobal("chrome", { runtime: { getURL: () => "chrome-extension://own/" } });
  open = new Map([1, 2, 3].map((tab_id) => [tab_id, { url: "https://example.com/", opener: 1 }]));
  tabs = [fakeTab(1, true)];
  ended = [];
});

const goes = (tab: Fake | undefined) => tab?.goTo.mock.calls.map(([target]) => (target as Tab).tab_id);

describe("a tab comes to the front", () => {
  it("the stream that follows goes there, one that doesn't says so", async () => {
    tabs.push(fakeTab(7, false));
    await following().front(2);
    expect(goes(tabs[0])).toEqual([2]);
    expect(tabs[1]?.placeIs.mock.calls).toEqual([["another_tab"]]);
  });

  it("in a person's browser none goes, and none that stays is blamed", async () => {
    tabs.push(fakeTab(7, false));
    await following(false).front(2);
    expect(goes(tabs[0])).toEqual([]);
    expect(tabs[0]?.placeIs.mock.calls).toEqual([["not_invoked"]]);
    expect(tabs[1]?.placeIs).not.toHaveBeenCalled();
  });

  it("a tab with a capture of its own is left to that; our own pages count for nothing", async () => {
    tabs.push(fakeTab(2, false));
    open.set(3, { url: "chrome-extension://own/popup.html", opener: 1 });
    const follow = following();
    await follow.front(2);
    await follow.front(3);
    expect(goes(tabs[0])).toEqual([]);
    expect(tabs.flatMap(({ placeIs }) => placeIs.mock.calls)).toEqual([["here"], ["here"]]);
  });

  it("of two that follow, the one whose tab has opened it goes; else the one that was in front", async () => {
    tabs.push(fakeTab(2, true));
    const follow = following();
    open.set(3, { url: "https://example.com/", opener: 2 });
    await follow.front(3);
    expect(tabs.map(goes)).toEqual([[], [3]]);
    open.set(4, { url: "https://example.com/", opener: null });
    await follow.front(1);
    await follow.front(4);
    expect(tabs.map(goes)).toEqual([[4], [3]]);
  });

  it("so it does when its window gets the focus; that the browser loses it is nothing", async () => {
    const follow = following();
    await follow.focused(1);
    await follow.focused(1);
    await follow.focused(-1);
    expect(goes(tabs[0])).toEqual([2]);
  });

  it("of two that come at once, the last one counts", async () => {
    const follow = following();
    await Promise.all([follow.front(2), follow.front(3)]);
    expect(goes(tabs[0])).toEqual([3]);
  });
});

describe("a tab is closed", () => {
  it("its stream goes back to the last one that is still there and can be captured", async () => {
    tabs = [fakeTab(9, true, [1, 2, 3, 8])];
    open.set(3, { url: "chrome://settings/", opener: null });
    expect(following().tabRemoved(9)).toBe(true);
    await vi.waitFor(() => expect(goes(tabs[0])).toEqual([2]));
  });

  it("without any, it ends", async () => {
    tabs = [fakeTab(9, true, [8])];
    open.clear();
    following().tabRemoved(9);
    await vi.waitFor(() => expect(tabs[0]?.release).toHaveBeenCalled());
  });

  it("one that is on its way elsewhere isn't sent back", async () => {
    tabs = [fakeTab(9, true, [1])];
    (tabs[0] as Fake).moves = true;
    await following().handBack(tabs[0] as unknown as CapturedTab);
    expect(goes(tabs[0])).toEqual([]);
  });

  it("one that doesn't follow, or is in a person's browser, ends as ever", async () => {
    expect(following(false).tabRemoved(1)).toBe(false);
    tabs = [fakeTab(1, false)];
    expect(following().tabRemoved(1)).toBe(false);
    open.delete(1);
    await following().captureEnded("s1", "gone");
    expect(ended).toEqual(["s1"]);
  });

  it("one in front that nobody captured: what it uncovers is in front", async () => {
    const follow = following();
    await follow.front(3);
    open.delete(3);
    expect(follow.tabRemoved(3)).toBe(false);
    await vi.waitFor(() => expect(goes(tabs[0])).toEqual([3, 2]));
  });
});

it("a stream whose tabs are admitted one by one waits for that, and says so when it takes long", async () => {
  vi.useFakeTimers();
  const [tab] = tabs as [Fake];
  tab.admitted = [1];
  const follow = following();
  await follow.front(2);
  follow.admit("s1", 3); // another one, which isn't in front
  expect(goes(tab)).toEqual([]);
  vi.advanceTimersByTime(1_000);
  expect(tab.placeIs.mock.calls).toEqual([["another_tab"]]);
  vi.useRealTimers();
  follow.admit("s1", 2);
  await vi.waitFor(() => expect(goes(tab)).toEqual([2]));
});

it("a page is known where its stream is now", () => {
  tabs = [fakeTab(5, true, [1], 1), fakeTab(6, false, [], 6)];
  expect([1, 5, 6, 7].map((tab_id) => following().whereIs(tab_id))).toEqual([5, 5, 6, 7]);
});

it("a page that can't be captured is looked at again when it goes elsewhere", async () => {
  const follow = following();
  await follow.front(2);
  follow.tabUpdated(2);
  follow.tabUpdated(3);
  await vi.waitFor(() => expect(goes(tabs[0])).toEqual([2, 2]));
});
