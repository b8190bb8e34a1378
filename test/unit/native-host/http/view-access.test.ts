import { describe, expect, it } from "vitest";
import { viewAccess, viewOrigin } from "../../../../native-host/http/view-access.ts";

describe("where viewers come from", () => {
  it.each([
    [{}, "http://127.0.0.1:81"],
    [{ FLYBROWSER_VIEW_ADDRESS: "127.0.0.2" }, "http://127.0.0.2:81"],
    [{ FLYBROWSER_PUBLIC_URL: "https://tab.example/" }, "https://tab.example"],
    [{ FLYBROWSER_PUBLIC_URL: "http://tab.example:8080" }, "http://tab.example:8080"],
    // What can't be is left out.
    [{ FLYBROWSER_VIEW_ADDRESS: "nowhere", FLYBROWSER_PUBLIC_URL: "tab.example" }, "http://127.0.0.1:81"],
    [{ FLYBROWSER_PUBLIC_URL: "https://tab.example/path" }, "http://127.0.0.1:81"],
    [{ FLYBROWSER_PUBLIC_URL: "ftp://tab.example" }, "http://127.0.0.1:81"],
  ])("%o: links begin with %s", (environment, origin) => {
    expect(viewOrigin(viewAccess(environment), 81)).toBe(origin);
  });
});
