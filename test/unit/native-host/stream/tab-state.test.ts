import { expect, test, vi } from "vitest";
import { TabState } from "../../../../native-host/stream/tab-state.ts";

const TAB = { url: "https://user:pass@example.com/a?token=1#x", title: "A" };

function made(more: { private?: boolean; whole_addresses?: boolean } = {}) {
  const changed = vi.fn();
  return { changed, tab: new TabState({ stream_id: "stream_one", tab: TAB, changed, ...more }) };
}

test("its address is shown without its secrets, and whole only if that was asked for", () => {
  expect(made().tab.url).toBe("https://example.com/a");
  expect(made({ whole_addresses: true }).tab.url).toBe("https://example.com/a?token=1#x");
});

test("a page seen while it is private is told afterwards, and one of before stays", () => {
  const { tab, changed } = made();
  tab.hide(true);
  tab.shows({ url: "https://example.com/secret", title: "secret" });
  expect([tab.private, tab.title]).toEqual([true, "A"]);
  tab.shows({ url: "https://example.com/b", title: "B" });
  tab.hide(false);
  expect([tab.private, tab.title]).toEqual([false, "B"]);
  expect(changed.mock.calls).toEqual([[true], [false], [true]]);
});

test("one that is private from the start has no title until it is not", () => {
  const { tab } = made({ private: true });
  expect(tab.title).toBe("");
  tab.hide(false);
  expect(tab.title).toBe("A");
});

test("what is as it was is no change", () => {
  const { tab, changed } = made();
  tab.mute(false);
  tab.worksIn("here");
  tab.hide(false);
  expect(changed).not.toHaveBeenCalled();
  tab.mute(true);
  tab.worksIn("another_tab");
  expect([tab.muted, tab.place]).toEqual([true, "another_tab"]);
  expect(changed).toHaveBeenCalledTimes(2);
});
