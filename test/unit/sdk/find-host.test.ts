import { expect, test } from "vitest";
import { hostOfPage } from "../../../sdk/find-host.ts";

test("a page whose browser lacks the extension: the error says how to start it", async () => {
  await expect(hostOfPage("page", [], 10)).rejects.toMatchObject({
    code: "page_without_extension",
    fix: expect.stringContaining("FlyBrowser.launchOptions()"),
  });
});
