import { beforeEach, expect, it, vi } from "vitest";
import { HostKeeper } from "../../../../extension/background/host-keeper.ts";

const stored = vi.hoisted(() => ({ local: {} as Record<string, unknown> }));
vi.mock("webextension-polyfill", () => ({
  default: {
    storage: {
      local: {
        get: async (key: string) => ({ [key]: stored.local[key] }),
        set: async (values: Record<string, unknown>) => void Object.assign(stored.local, values),
      },
    },
  },
}));

const wanted: (() => boolean)[] = [];
const close = vi.fn();
const onRelease = vi.fn();
const host = { stayConnected: async (still: () => boolean) => void wanted.push(still), close };
const make = (automation: boolean) => new HostKeeper({ host, automation, onRelease });

beforeEach(() => {
  stored.local = {};
  wanted.length = 0;
  close.mockClear();
  onRelease.mockClear();
});

it("lets the host of a person's browser go, until its user says that it is to stay", async () => {
  const keeper = make(false);
  await keeper.begin();
  keeper.stay();
  expect([keeper.programs, wanted.length]).toEqual([false, 0]);
  keeper.idle();
  expect(close).toHaveBeenCalledOnce();

  await keeper.setPrograms(true);
  expect([keeper.programs, wanted.length, wanted[0]?.()]).toEqual([true, 1, true]);
  keeper.idle();
  expect(close).toHaveBeenCalledOnce();
  const later = make(false); // after a restart of the browser
  await later.begin();
  expect([later.programs, wanted.length]).toEqual([true, 2]);

  await keeper.setPrograms(false);
  expect([wanted[0]?.(), onRelease.mock.calls.length]).toEqual([false, 1]);
  keeper.idle();
  expect(close).toHaveBeenCalledTimes(2);
});

it("never lets go in a browser that a program started", async () => {
  const keeper = make(true);
  await keeper.begin();
  expect(wanted.length).toBe(1);
  await keeper.setPrograms(false);
  keeper.idle();
  expect(close).not.toHaveBeenCalled();
  expect(onRelease).not.toHaveBeenCalled();
});
