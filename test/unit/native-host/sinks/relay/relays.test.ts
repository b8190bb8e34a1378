// The host's part of the relay, with processes that fail: viewers get an encoder each then.
import { spawn } from "node:child_process";
import { afterEach, expect, it } from "vitest";
import { hasLibrary } from "../../../../../native-host/sinks/relay/library.ts";
import { Relays, type RelaysOptions } from "../../../../../native-host/sinks/relay/relays.ts";
import { FlyBrowserError } from "../../../../../protocol/errors.ts";

let relays: Relays | null = null;
afterEach(() => relays?.close());

/** Another process than the relay. */
const run = (code: string) => () =>
  spawn(process.execPath, ["-e", code], { stdio: ["ignore", "ignore", "pipe", "ipc"] });

function make(options: Partial<RelaysOptions>): { relays: Relays; called: string[] } {
  const called: string[] = [];
  const call = async (method: string) => {
    called.push(method);
    return method === "openRelay" ? { offer: "v=0", video_bitrate: 1 } : {};
  };
  relays = new Relays({ call: call as RelaysOptions["call"], available: true, ...options });
  return { relays, called };
}

it("where the library is missing, nothing is tried", async () => {
  expect(hasLibrary("file:///nowhere/main.js")).toBe(false);
  expect(hasLibrary()).toBe(true);
  const { relays, called } = make({ available: false });
  expect([relays.offered, await relays.ready("s"), called]).toEqual([false, false, []]);
});

it("where its process can't run, viewers get an encoder each, and it isn't tried again at once", async () => {
  const { relays, called } = make({ spawn: run("process.exit(1)") });
  expect(await relays.ready("s")).toBe(false);
  expect(called).toEqual(["openRelay", "closeRelay"]);
  expect([relays.offered, await relays.ready("s")]).toEqual([false, false]);
});

it("a tab that has gone says nothing against it", async () => {
  const call = () => Promise.reject(new FlyBrowserError("no_active_stream"));
  const { relays } = make({ call: call as RelaysOptions["call"] });
  expect(await relays.ready("s")).toBe(false);
  expect(relays.offered).toBe(true);
});

it("all who come at the same time wait for one, and its death is told", async () => {
  const answer = `process.on("message", ({ id }) => {
    process.send({ kind: "response", id, result: { answer: "v=0" } });
    process.send({ kind: "event", event: "relayed", params: { stream_id: "s", dropped_frames: 2, packets_again: 3 } });
    setTimeout(() => process.exit(), 300);
  });`;
  const { relays, called } = make({ spawn: run(answer) });
  expect(await Promise.all([relays.ready("s"), relays.ready("s")])).toEqual([true, true]);
  expect(called).toEqual(["openRelay", "answerRelay"]);
  await expect.poll(() => relays.loss("s")).toEqual({ dropped_frames: 2, packets_again: 3 });
  await expect.poll(() => called.at(-1), { timeout: 5_000 }).toBe("closeRelay");
  expect(relays.loss("s")).toBeNull();
});

it("one that a host before this one has opened goes on", async () => {
  const { relays } = make({ call: (async () => null) as unknown as RelaysOptions["call"], spawn: () => expect.fail() });
  expect(await relays.ready("s")).toBe(true);
});

it("a way for input is a ticket that its process knows; its end is told, and without a relay there is none", async () => {
  const answer = `process.on("message", ({ id, kind, method, event, params }) => {
    if (event === "input_over") process.exit();
    if (kind === "event") return;
    process.send({ kind: "response", id, result: { answer: "v=0" } });
    if (method === "openInput") process.send({ kind: "event", event: "input", params: { ticket: params.ticket, text: "hello" } });
  });`;
  const { relays } = make({ spawn: run(answer) });
  const [texts, lost] = [[] as string[], [] as string[]];
  const open = (name: string) =>
    relays.openInput("s", { onText: (text) => texts.push(`${name} ${text}`), onLost: () => lost.push(name) });
  expect(await open("early")).toBeNull();
  await relays.ready("s");
  const [one, two] = [await open("one"), await open("two")];
  expect(one?.ticket).toMatch(/^[\w-]{32}$/);
  expect(two?.ticket).not.toBe(one?.ticket);
  await expect.poll(() => texts).toEqual(["one hello", "two hello"]);
  one?.close();
  await expect.poll(() => lost, { timeout: 5_000 }).toEqual(["two"]);
  expect(await open("late")).toBeNull();
});
