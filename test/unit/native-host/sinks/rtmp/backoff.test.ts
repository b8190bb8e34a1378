import { expect, it } from "vitest";
import { Backoff } from "../../../../../native-host/sinks/rtmp/backoff.ts";

it("doubles its pauses up to the longest, with jitter below, and begins anew", () => {
  const steady = new Backoff(500, 15_000, () => 0);
  expect(Array.from({ length: 8 }, () => steady.next())).toEqual([500, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000]);
  steady.reset();
  expect(steady.next()).toBe(500);
  expect(new Backoff(600, 15_000, () => 0.5).next()).toBe(500);
});
