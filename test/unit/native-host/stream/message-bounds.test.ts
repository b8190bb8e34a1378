import { expect, test } from "vitest";
import { MAX_LIST_BYTES, newestWithin } from "../../../../native-host/stream/message-bounds.ts";

test("the newest that fit are told, and how many are left out", () => {
  expect(newestWithin(["a", "b"])).toEqual({ newest: ["a", "b"], left_out: 0 });
  expect(newestWithin(["a", "b", "c"], 11)).toEqual({ newest: ["b", "c"], left_out: 1 });
  const names = Array.from({ length: 2_600 }, (_, number) => `${number} ${"\u0001".repeat(200)}`);
  const { newest, left_out } = newestWithin(names);
  expect(newest.length + left_out).toBe(2_600);
  expect(newest.at(-1)).toBe(names.at(-1));
  expect(Buffer.byteLength(JSON.stringify(newest))).toBeLessThanOrEqual(MAX_LIST_BYTES);
});
