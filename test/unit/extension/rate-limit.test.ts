import { expect, test } from "vitest";
import { RateLimit } from "../../../extension/rate-limit.ts";

test("a bucket gives what is in it, then what comes with time", () => {
  let now = 0;
  const limit = new RateLimit(2, 0.5, () => now);
  expect([limit.take(), limit.take(), limit.take()]).toEqual([0, 0, 2]);
  expect(limit.full).toBe(false);
  now = 1_000;
  expect(limit.take()).toBe(1);
  now = 2_000;
  expect(limit.take()).toBe(0);
  now = 60_000;
  expect(limit.full).toBe(true);
});
