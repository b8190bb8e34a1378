import { describe, expect, it, vi } from "vitest";
import { Backoff, Deadline, LATE, Serial, sleep, timeout } from "../../../protocol/async.ts";
import { Emitter } from "../../../protocol/emitter.ts";

describe("timeout", () => {
  it("gives the result of what is in time, and LATE for what is not", async () => {
    expect(await timeout(Promise.resolve(7), 1_000)).toBe(7);
    expect(await timeout(new Promise(() => {}), 1)).toBe(LATE);
  });

  it("rejects as the work does", async () => {
    await expect(timeout(Promise.reject(new Error("no")), 1_000)).rejects.toThrow("no");
  });
});

describe("Deadline", () => {
  it("passes", async () => {
    const deadline = new Deadline(5);
    expect(deadline.passed).toBe(false);
    await sleep(10);
    expect(deadline).toMatchObject({ left: 0, passed: true });
  });
});

describe("Serial", () => {
  it("runs one thing after another, also after one that fails", async () => {
    const serial = new Serial();
    const order: number[] = [];
    const work = (number: number) => async () => {
      order.push(number);
      await sleep(1);
      order.push(number);
      if (number === 1) throw new Error("first");
      return number;
    };
    const results = await Promise.allSettled([serial.run(work(1)), serial.run(work(2))]);
    expect(order).toEqual([1, 1, 2, 2]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "fulfilled"]);
  });
});

describe("Backoff", () => {
  it("doubles its pauses up to the longest, less the jitter, and begins anew after a reset", () => {
    const backoff = new Backoff({ first: 500, longest: 3_000, jitter: 0.5, random: () => 1 });
    expect([1, 2, 3, 4, 5].map(() => backoff.next())).toEqual([250, 500, 1_000, 1_500, 1_500]);
    backoff.reset();
    expect(backoff.next()).toBe(250);
  });

  it("keeps its bound after any number of attempts", () => {
    const backoff = new Backoff({ first: 1, longest: 10 });
    for (let attempt = 0; attempt < 2_000; attempt++) expect(backoff.next()).toBeLessThanOrEqual(10);
  });
});

describe("Emitter", () => {
  it("tells everybody who listens, whatever one of them throws", () => {
    const onError = vi.fn();
    const emitter = new Emitter<number>(onError);
    const heard: number[] = [];
    emitter.on(() => {
      throw new Error("bad listener");
    });
    const leave = emitter.on((event) => heard.push(event));
    emitter.emit(1);
    leave();
    emitter.emit(2);
    expect(heard).toEqual([1]);
    expect(onError).toHaveBeenCalledTimes(2);
    expect(emitter.size).toBe(1);
    emitter.clear();
    expect(emitter.size).toBe(0);
  });
});
