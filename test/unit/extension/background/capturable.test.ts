import { describe, expect, it } from "vitest";
import { whyNotCapturable } from "../../../../extension/background/capturable.ts";
import { say } from "../../../../protocol/sentence.ts";

describe("whyNotCapturable", () => {
  it.each([
    "https://example.com/",
    "http://127.0.0.1:8080/x",
    "file:///tmp/a.html",
    "about:blank",
    "data:text/html,x",
    "",
  ])("lets %s be captured", (url) => expect(whyNotCapturable(url)).toBeNull());
  it.each([
    ["chrome://settings", "Chrome protects"],
    ["edge://version", "Edge protects"],
    ["chrome-extension://abc/page.html", "extension"],
    ["devtools://devtools/bundled/inspector.html", "DevTools"],
    ["view-source:https://example.com/", "source"],
    ["https://chromewebstore.google.com/detail/x", "stores"],
    ["https://chrome.google.com/webstore/detail/x", "stores"],
    ["not an address", "no address"],
  ])("refuses %s", (url, reason) => expect(say(whyNotCapturable(url) ?? "")).toContain(reason));
  it("lets the rest of the store's host be captured", () => {
    expect(whyNotCapturable("https://chrome.google.com/")).toBeNull();
  });
});
