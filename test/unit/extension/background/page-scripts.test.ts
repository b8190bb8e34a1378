// What is registered follows what the user has allowed, in our list and in Chrome's own pages.
import { beforeEach, expect, test, vi } from "vitest";

const stored = new Map<string, unknown>();
vi.mock("webextension-polyfill", () => ({
  default: {
    storage: {
      local: {
        get: async (key: string) => ({ [key]: stored.get(key) }),
        set: async (values: Record<string, unknown>) => {
          for (const [key, value] of Object.entries(values)) stored.set(key, value);
        },
      },
    },
  },
}));
const { PageScripts } = await import("../../../../extension/background/page-scripts.ts");

const SITE = "https://example.com/*";
const OTHER = "http://127.0.0.1/*";
let registered: chrome.scripting.RegisteredContentScript[];
let granted: Set<string>;
let changes: number;

function scripts(): InstanceType<typeof PageScripts> {
  return new PageScripts({
    files: { api: "api.js", bridge: "bridge.js" },
    scripting: {
      getRegisteredContentScripts: async () => registered,
      registerContentScripts: async (all: chrome.scripting.RegisteredContentScript[]) => {
        if (registered.length > 0) throw new Error("Duplicate script ID");
        registered = all;
      },
      unregisterContentScripts: async () => {
        registered = [];
      },
    } as unknown as typeof chrome.scripting,
    permissions: {
      contains: async ({ origins = [] }: chrome.permissions.Permissions) => origins.every((each) => granted.has(each)),
      remove: async ({ origins = [] }: chrome.permissions.Permissions) => {
        for (const each of origins) granted.delete(each);
        return true;
      },
    } as unknown as typeof chrome.permissions,
    onChange: () => changes++,
  });
}

beforeEach(() => {
  stored.clear();
  registered = [];
  granted = new Set([SITE, OTHER]);
  changes = 0;
});

test("nothing is registered before a site is let in", async () => {
  await scripts().apply();
  expect(registered).toEqual([]);
});

test("both scripts are registered for the sites that were let in, before the page's own scripts run", async () => {
  const page = scripts();
  await Promise.all([page.allow(SITE), page.allow(OTHER), page.allow(SITE)]);
  expect(await page.list()).toEqual([OTHER, SITE]);
  const both = { matches: [OTHER, SITE], runAt: "document_start" };
  expect(registered).toMatchObject([
    { js: ["api.js"], world: "MAIN", ...both },
    { js: ["bridge.js"], ...both },
  ]);
  expect(changes).toBeGreaterThan(0);
});

test("a site whose permission was taken in Chrome's own pages has them no more, until it is given again", async () => {
  const page = scripts();
  await page.allow(SITE);
  granted.delete(SITE);
  await page.apply();
  expect(registered).toEqual([]);
  granted.add(SITE);
  await page.apply();
  expect(registered).toHaveLength(2);
});

test("a site that is removed loses the scripts and the permission", async () => {
  const page = scripts();
  await page.allow(SITE);
  await page.allow(OTHER);
  await page.remove(SITE);
  expect(registered.map(({ matches }) => matches)).toEqual([[OTHER], [OTHER]]);
  expect(granted).toEqual(new Set([OTHER]));
});
