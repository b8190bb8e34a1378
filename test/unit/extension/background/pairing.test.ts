import { beforeEach, describe, expect, it, vi } from "vitest";
import { PageOwners } from "../../../../extension/background/page-owners.ts";
import type { Requester } from "../../../../extension/background/page-sender.ts";
import { Pairing } from "../../../../extension/background/pairing.ts";
import type { Answer } from "../../../../extension/background/pairing-prompts.ts";
import { PairingStore } from "../../../../extension/background/pairing-store.ts";
import type { PairingRequest } from "../../../../protocol/page-messages.ts";

/** Both storages of the extension. */
const stored = vi.hoisted(() => ({ local: {} as Record<string, unknown>, session: {} as Record<string, unknown> }));
vi.mock("webextension-polyfill", () => {
  const area = (name: "local" | "session") => ({
    get: async (key: string) => structuredClone({ [key]: stored[name][key] }),
    set: async (values: Record<string, unknown>) => void Object.assign(stored[name], structuredClone(values)),
  });
  return { default: { storage: { local: area("local"), session: area("session") } } };
});

const page = (change: Partial<Requester> = {}): Requester => ({
  origin: "https://a.example",
  tab_id: 1,
  window_id: null,
  incognito: false,
  ...change,
});

let store: PairingStore;
let changes: number;
let asked: PairingRequest[];
let reply: Answer;
let pairing: Pairing;
let gone: AbortController;

beforeEach(() => {
  stored.local = {};
  stored.session = {};
  changes = 0;
  asked = [];
  reply = "once";
  gone = new AbortController();
  store = new PairingStore(() => changes++);
  pairing = new Pairing({
    store,
    prompts: {
      ask: async (request) => {
        asked.push(request);
        return reply;
      },
    },
  });
});

describe("pairing", () => {
  it("once is for one tab, until it is closed", async () => {
    expect(await pairing.pair(page(), "a\u202eb", gone.signal)).toEqual({ paired: true, scope: "once" });
    expect(asked).toEqual([{ origin: "https://a.example", purpose: "ab", only_once: null }]);
    expect(await pairing.check(page())).toBe("once");
    await expect(pairing.check(page({ tab_id: 2 }))).rejects.toMatchObject({ code: "not_paired" });
    await store.tabRemoved(1);
    await expect(pairing.check(page())).rejects.toMatchObject({ code: "not_paired" });
  });

  it("always is for every tab, until it is taken back", async () => {
    reply = "always";
    await pairing.pair(page(), "", gone.signal);
    expect(await pairing.pair(page({ tab_id: 2 }), "", gone.signal)).toEqual({ paired: true, scope: "always" });
    expect(asked).toHaveLength(1);
    expect(await store.list()).toMatchObject([{ origin: "https://a.example", decision: "always", tab_id: null }]);
    await store.forget("https://a.example");
    expect(await store.list()).toEqual([]);
    await expect(pairing.check(page())).rejects.toMatchObject({ code: "not_paired" });
    expect(changes).toBeGreaterThan(0);
  });

  it("never asks no more, and takes back what was allowed once", async () => {
    await pairing.pair(page(), "", gone.signal);
    reply = "never";
    await expect(pairing.pair(page({ tab_id: 2 }), "", gone.signal)).rejects.toMatchObject({ code: "pairing_denied" });
    await expect(pairing.pair(page({ tab_id: 3 }), "", gone.signal)).rejects.toMatchObject({ code: "pairing_denied" });
    await expect(pairing.check(page())).rejects.toMatchObject({ code: "not_paired" });
    expect(asked).toHaveLength(2);
  });

  it("a closed window is remembered by nobody", async () => {
    reply = "dismissed";
    await expect(pairing.pair(page(), "", gone.signal)).rejects.toMatchObject({ code: "pairing_denied" });
    expect(await store.list()).toEqual([]);
  });

  it("an answer for a page that has gone is remembered by nobody", async () => {
    reply = "always";
    const paired = pairing.pair(page(), "", gone.signal);
    gone.abort();
    await expect(paired).rejects.toMatchObject({ code: "pairing_denied" });
    expect(await store.list()).toEqual([]);
  });

  it("asks once for the many calls of a document", async () => {
    const calls = Array.from({ length: 10 }, () => pairing.pair(page(), "", gone.signal));
    await Promise.all(calls);
    expect(asked).toHaveLength(1);
  });

  it("asks nobody when the user lets no site ask; those that are paired stay so", async () => {
    await pairing.pair(page(), "", gone.signal);
    await store.setMayAsk(false);
    await expect(pairing.pair(page({ tab_id: 2 }), "", gone.signal)).rejects.toMatchObject({ code: "pairing_denied" });
    expect(await pairing.check(page())).toBe("once");
    expect(asked).toHaveLength(1);
  });

  it("says why an answer can't be kept", async () => {
    await pairing.pair(page({ origin: "http://b.example" }), "", gone.signal);
    await pairing.pair(page({ origin: "https://c.example", incognito: true }), "", gone.signal);
    expect(asked.map(({ only_once }) => only_once)).toEqual(["not_secure", "incognito"]);
  });

  it("an extension's once is for any tab", async () => {
    const origin = "chrome-extension://abc";
    await pairing.pair(page({ origin, tab_id: -1 }), "", gone.signal);
    expect(await pairing.check(page({ origin, tab_id: 5 }))).toBe("once");
  });

  it("takes storage that can't be read for nothing", async () => {
    stored.local.pairings = [{ origin: "https://a.example", decision: "yes" }];
    await expect(pairing.check(page())).rejects.toMatchObject({ code: "not_paired" });
  });
});

describe("what an origin has started", () => {
  let ended: string[];
  let owners: PageOwners;
  beforeEach(async () => {
    ended = [];
    owners = new PageOwners("page_streams", (tab_id, reason) => ended.push(`${tab_id}: ${reason}`));
    await owners.owning(1, "https://a.example", async () => {});
  });

  it("ends when its tab leaves the origin, not within it", async () => {
    await owners.navigated(1, "https://a.example/other");
    await owners.navigated(2, "https://b.example/");
    expect(ended).toEqual([]);
    await owners.navigated(1, "about:blank");
    await owners.navigated(1, "https://a.example.evil/");
    expect(ended).toHaveLength(2);
  });

  it("ends when the origin is revoked, also in a worker that was restarted", async () => {
    const later = new PageOwners("page_streams", (tab_id) => ended.push(String(tab_id)));
    await later.revoked("https://b.example");
    expect(ended).toEqual([]);
    await later.revoked("https://a.example");
    expect(ended).toEqual(["1"]);
  });

  it("is nobody's once it has ended, or did not start", async () => {
    await owners.ended(1);
    expect(await owners.ownerOf(1)).toBe(null);
    await expect(owners.owning(2, "https://a.example", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await owners.ownerOf(2)).toBe(null);
  });

  it("stays an extension's, wherever its tab goes", async () => {
    await owners.owning(3, "chrome-extension://abc", async () => {});
    await owners.navigated(3, "https://b.example/");
    expect(ended).toEqual([]);
  });
});
