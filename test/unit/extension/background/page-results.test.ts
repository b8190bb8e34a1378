import { describe, expect, it } from "vitest";
import { nameOnly, pageError } from "../../../../extension/background/page-results.ts";
import { plainText } from "../../../../extension/background/plain-text.ts";
import { siteParts } from "../../../../extension/pairing/site-parts.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";

describe("what a page gets to see", () => {
  it("is a file's name without its folders", () => {
    expect(nameOnly("/home/me/Videos/a b.mp4")).toBe("a b.mp4");
    expect(nameOnly("C:\\Users\\me\\a.webm")).toBe("a.webm");
    expect(nameOnly("a.webm")).toBe("a.webm");
  });

  it("is an error without a look at the computer", () => {
    const told = pageError(
      new FlyBrowserError("recording_failed", { recording_id: "r", reason: "x", folder: "/home/me" }),
    );
    expect(told.code).toBe("recording_failed");
    expect(JSON.stringify([told.message, told.fix, told.details])).not.toContain("/home/me");
    expect(pageError(new Error("/home/me")).message).not.toContain("/home/me");
    const plain = new FlyBrowserError("tab_not_invoked");
    expect(pageError(plain)).toBe(plain);
  });
});

describe("a site's words beside ours", () => {
  it("are one line of visible text", () => {
    expect(plainText("  a\u202eb\u0000\u200b\n\nc\ud800 ")).toBe("ab c\ufffd");
    expect(plainText(`z${"\u0301".repeat(40)}`)).toBe(`z${"\u0301".repeat(3)}`);
    expect(plainText("<b>日本語</b>")).toBe("<b>日本語</b>");
  });

  it("say so when a name could look like another", () => {
    expect(siteParts("https://xn--80ak6aa92e.com")).toEqual({
      scheme: "https",
      host: "xn--80ak6aa92e.com",
      port: "",
      foreign: true,
    });
    expect(siteParts("http://localhost:81")).toEqual({ scheme: "http", host: "localhost", port: "81", foreign: false });
  });
});
