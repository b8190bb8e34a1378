import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { HostLifetime } from "../../../../extension/background/host-lifetime.ts";
import type { HostInfo } from "../../../../protocol/native-messages.ts";

let stored: boolean;
let needed: boolean;
const wanted: (() => boolean)[] = [];
const close = vi.fn();
const onIdle = vi.fn();
const host = { stayConnected: async (still: () => boolean) => void wanted.push(still), close, info: null };
const programs = {
  load: async () => stored,
  save: async (value: boolean) => {
    stored = value;
  },
};
const make = (automation: boolean, ended_seconds?: number) => {
  const info = ended_seconds === undefined ? null : ({ ended_seconds } as HostInfo);
  return new HostLifetime({ host: { ...host, info }, automation, programs, isNeeded: () => needed, onIdle });
};
/** Nothing is needed for half a minute. */
const idle = (lifetime: HostLifetime) => {
  lifetime.check();
  vi.advanceTimersByTime(30_000);
};

beforeEach(() => {
  vi.useFakeTimers();
  stored = false;
  needed = false;
  wanted.length = 0;
  close.mockClear();
  onIdle.mockClear();
});
afterEach(() => {
  vi.useRealTimers();
});

it("lets the host of a person's browser go, until its user says that it is to stay", async () => {
  const lifetime = make(false);
  await lifetime.begin();
  lifetime.stay();
  expect([lifetime.programs, wanted.length]).toEqual([false, 0]);
  idle(lifetime);
  expect(close).toHaveBeenCalledOnce();

  await lifetime.setPrograms(true);
  expect([lifetime.programs, wanted.length, wanted[0]?.()]).toEqual([true, 1, true]);
  idle(lifetime);
  expect([close.mock.calls.length, onIdle.mock.calls.length]).toEqual([1, 2]);
  const later = make(false); // after a restart of the browser
  await later.begin();
  expect([later.programs, wanted.length]).toEqual([true, 2]);

  await lifetime.setPrograms(false);
  expect(wanted[0]?.()).toBe(false);
  vi.advanceTimersByTime(30_000);
  expect(close).toHaveBeenCalledTimes(2);
});

it("never lets go in a browser that a program started", async () => {
  const lifetime = make(true);
  await lifetime.begin();
  expect(wanted.length).toBe(1);
  await lifetime.setPrograms(false);
  idle(lifetime);
  expect(close).not.toHaveBeenCalled();
});

it("waits for half a minute without any need", async () => {
  const lifetime = make(false);
  lifetime.check();
  vi.advanceTimersByTime(20_000);
  needed = true;
  lifetime.check();
  vi.advanceTimersByTime(60_000);
  needed = false;
  lifetime.check();
  vi.advanceTimersByTime(29_000);
  expect(onIdle).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  expect(onIdle).toHaveBeenCalledOnce();
});

it("keeps it for as long as it shows streams that have ended", async () => {
  const lifetime = make(false, 120);
  await lifetime.begin();
  idle(lifetime);
  vi.advanceTimersByTime(89_999);
  expect(close).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1);
  expect(close).toHaveBeenCalledOnce();
});
