// Whom streams are shared with that don't say so.
import { expect, test } from "vitest";
import { usualShare } from "../../../../native-host/sharing/settings.ts";

test.each([
  [{}, "this-computer"],
  [{ FLYBROWSER_VIEW_ADDRESS: "127.0.0.1" }, "this-computer"],
  [{ FLYBROWSER_VIEW_ADDRESS: "127.0.0.2" }, "network"],
  [{ FLYBROWSER_VIEW_ADDRESS: "nowhere" }, "network"], // so that the start says what is wrong
  [{ FLYBROWSER_PUBLIC_URL: "https://tab.example" }, "internet"],
  [{ FLYBROWSER_PUBLIC_URL: "nonsense", FLYBROWSER_VIEW_ADDRESS: "127.0.0.2" }, "internet"],
])("%o: streams are shared with %s", (environment, share) => expect(usualShare(environment)).toBe(share));
