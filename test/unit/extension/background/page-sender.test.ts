import { describe, expect, it } from "vitest";
import { isSecureOrigin, originOf, requesterOf, type Sender } from "../../../../extension/background/page-sender.ts";

const PAGE: Sender = {
  id: "ours",
  origin: "https://example.com",
  url: "https://example.com/a",
  frameId: 0,
  documentLifecycle: "active",
  tab: { id: 7, windowId: 2, incognito: false },
};

describe("who is at the other end of a port", () => {
  it("is the top document of a tab", () => {
    expect(requesterOf(PAGE, "ours")).toEqual({
      origin: "https://example.com",
      tab_id: 7,
      window_id: 2,
      incognito: false,
    });
  });

  it.each<[string, Partial<Sender>]>([
    ["another extension", { id: "theirs" }],
    ["no tab", { tab: undefined }],
    ["a frame", { frameId: 3 }],
    ["a page that is being prepared", { documentLifecycle: "prerender" }],
    ["a page in the cache", { documentLifecycle: "cached" }],
    ["a sandboxed page", { origin: "null" }],
    ["no origin", { origin: undefined }],
    ["an origin that isn't its address", { origin: "https://example.org" }],
    ["a file", { origin: "file://", url: "file:///a.html" }],
    ["an extension's page", { origin: "chrome-extension://ours", url: "chrome-extension://ours/a.html" }],
  ])("is not %s", (_, change) => {
    expect(() => requesterOf({ ...PAGE, ...change }, "ours")).toThrowError(/can't use FlyBrowser Stream/);
  });

  it("is named in ASCII", () => {
    expect(originOf("https://аррӏе.com/x")).toBe("https://xn--80ak6aa92e.com");
    expect(originOf("about:blank")).toBe(null);
    expect(originOf("data:text/html,x")).toBe(null);
  });

  it.each([
    ["https://example.com", true],
    ["http://localhost:3000", true],
    ["http://127.0.0.1:3000", true],
    ["http://[::1]:3000", true],
    ["http://example.com", false],
    ["http://127.example.com", false],
    ["http://notlocalhost", false],
  ])("%s: nobody can pretend to be it: %s", (origin, secure) => {
    expect(isSecureOrigin(origin)).toBe(secure);
  });
});
