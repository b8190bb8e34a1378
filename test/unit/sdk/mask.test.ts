// What of a mask goes wrong before there is a picture.
import { expect, test } from "vitest";
import { Mask, splitMask } from "../../../sdk/mask.ts";
import type { AnyPage } from "../../../sdk/page-target.ts";

test("the SDK's own option is taken out of the others, and must be a list of selectors", () => {
  expect(splitMask({ mask: ["#card"], quality: "high" })).toEqual({ mask: ["#card"], rest: { quality: "high" } });
  expect(splitMask({})).toEqual({ mask: [], rest: {} });
  for (const mask of ["#card", [""], [7], null]) {
    expect(() => splitMask({ mask: mask as string[] })).toThrow("Option mask:");
  }
});

test("a page that can't be masked is an error, and is let go", async () => {
  let detached = 0;
  const session = {
    send: async (method: string) => {
      if (method === "Target.setAutoAttach") throw new Error("not allowed");
      return { result: { value: true } };
    },
    on: () => {},
    detach: async () => void detached++,
  };
  const page: AnyPage = { isClosed: () => false, goto: async () => null, createCDPSession: async () => session };
  const mask = new Mask(page, () => {});
  await expect(mask.start(["#card"])).rejects.toMatchObject({
    code: "mask_failed",
    details: { reason: "not allowed" },
  });
  expect(detached).toBe(1);
});
