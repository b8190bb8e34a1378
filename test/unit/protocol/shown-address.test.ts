// What of a page's address may be shown: no password, no token.
import { expect, test } from "vitest";
import { shownAddress, shownTitle } from "../../../protocol/shown-address.ts";

test.each([
  ["https://ada:secret@example.com/reset?token=abc#key", "https://example.com/reset"],
  ["https://example.com/", "https://example.com/"],
  ["file:///home/ada/page.html?x", "file:///home/ada/page.html"],
  ["about:blank", "about:blank"],
  ["data:text/html,<p>secret", "data:text/html,…"],
  ["no address?secret", "no address"],
])("%s is shown as %s", (address, shown) => {
  expect(shownAddress(address)).toBe(shown);
});

test("query and fragment only where that is asked for, a password never", () => {
  expect(shownAddress("https://ada:secret@example.com/a?b=c#d", true)).toBe("https://example.com/a?b=c#d");
  expect(shownAddress(`https://example.com/${"x".repeat(1e6)}`).length).toBe(2_000);
});

test("a page without a title has its address for one: the same holds there", () => {
  const address = "https://ada:secret@example.com/reset?token=a%20b#key";
  expect(shownTitle("ada:secret@example.com/reset?token=a b#key", address)).toBe("example.com/reset");
  expect(shownTitle("Set a new password", address)).toBe("Set a new password");
  expect(shownTitle("example.com/reset?token=a%20b", address, true)).toBe("example.com/reset?token=a%20b");
});
