// Which tabs are private, through several wishes, restarts, and documents that don't answer.
import { expect, test } from "vitest";
import { PrivateTabs, type PrivateTime } from "../../../../extension/background/private-tabs.ts";
import { TabMedia, type TabMediaDependencies } from "../../../../extension/background/tab-media.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";

/** Private tabs with what they say; tab 1 is captured as `s1`. */
function privateTabs(stored: PrivateTime[] = []) {
  const said: string[] = [];
  let saved: PrivateTime[] = stored;
  const streams = new Map([[1, "s1"]]);
  const store = {
    load: async () => saved,
    save: async (times: PrivateTime[]) => {
      saved = structuredClone(times);
    },
  };
  const tabs = new PrivateTabs({
    store,
    streamOf: (tab_id) => streams.get(tab_id) ?? null,
    setPrivate: async (stream_id, hidden) => void said.push(`${hidden ? "hide" : "show"} ${stream_id}`),
    tell: (stream_id, hidden) => void said.push(`tell ${stream_id} ${hidden}`),
  });
  return { tabs, said, streams, saved: () => saved };
}

test("a captured tab is hidden, and shown again when the last wish has ended", async () => {
  const { tabs, said } = privateTabs();
  await tabs.begin("a", 1, null);
  await tabs.begin("b", 1, null);
  expect(await tabs.has(1, null)).toBe(true);
  await tabs.end("a");
  await tabs.end("a");
  expect(said).toEqual(["hide s1", "tell s1 true", "hide s1", "tell s1 true"]);
  await tabs.end("b");
  expect(said.slice(4)).toEqual(["show s1", "tell s1 false"]);
  expect(await tabs.has(1, "s1")).toBe(false);
});

test("a tab that isn't captured is private for whatever begins later; another tab isn't", async () => {
  const { tabs, said } = privateTabs();
  await tabs.begin("a", 2, null);
  expect(said).toEqual([]);
  expect([await tabs.has(2, "s2"), await tabs.has(3, "s3")]).toEqual([true, false]);
});

test("a stream that shows another tab now is hidden too", async () => {
  const { tabs, said, streams } = privateTabs();
  streams.delete(1);
  await tabs.begin("a", 1, "s1");
  expect(said[0]).toBe("hide s1");
  expect(await tabs.has(7, "s1")).toBe(true);
  await tabs.end("a");
  expect(said.slice(2)).toEqual(["show s1", "tell s1 false"]);
});

test("a restarted service worker knows them; a tab that is closed takes its own with it, one with another id doesn't", async () => {
  const { tabs, saved } = privateTabs();
  await tabs.begin("a", 1, null);
  await tabs.begin("b", 2, null);
  const next = privateTabs(saved());
  expect(await next.tabs.has(1, null)).toBe(true);
  await next.tabs.tabReplaced(9, 1);
  expect([await next.tabs.has(9, null), await next.tabs.has(1, null)]).toEqual([true, false]);
  await next.tabs.tabRemoved(9);
  expect([await next.tabs.has(9, null), await next.tabs.has(2, null)]).toEqual([false, true]);
});

test("one too many is refused", async () => {
  const { tabs } = privateTabs();
  for (let n = 0; n < 200; n++) await tabs.begin(`p${n}`, 1, null);
  await expect(tabs.begin("more", 1, null)).rejects.toMatchObject({ code: "private_unconfirmed" });
  await tabs.begin("p7", 1, null);
});

test("a document that doesn't confirm that it hides the tab is ended; one that can't be ended is an error", async () => {
  let there = true;
  let stuck = false;
  const offscreen = {
    call: async () => {
      throw new FlyBrowserError("timeout", { what: "setPrivate", seconds: 4 });
    },
    close: async () => {
      there = stuck;
    },
    exists: async () => there,
  } as unknown as TabMediaDependencies["offscreen"];
  const media = new TabMedia({ offscreen } as TabMediaDependencies);
  await media.setPrivate("s1", true);
  expect(there).toBe(false);
  stuck = true;
  await expect(media.setPrivate("s1", true)).rejects.toMatchObject({ code: "timeout" });
  await expect(media.setPrivate("s1", false)).rejects.toMatchObject({ code: "timeout" });
});
