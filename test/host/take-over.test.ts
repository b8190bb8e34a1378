// Who may steer a page, over the real host: by a link that allows it, while a program asks or allows, one at a time and within bounds; and
// what a program hears.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { HostMessage, Input, ProgramEvent } from "../../protocol/control-messages.ts";
import { ControlClient } from "../../sdk/control-client.ts";
import { HostProcess } from "./harness/host-process.ts";
import { until } from "./harness/processes.ts";
import { Publisher } from "./harness/publisher.ts";

const CLICK: Input = {
  ...{ type: "mouse", action: "down", x: 0.5, y: 0.5, aspect: 1.78 },
  ...{ button: "left", buttons: 1, clicks: 1, modifiers: 0 },
};

let host: HostProcess;
let publisher: Publisher;
let client: ControlClient;
let stream_id: string;
const sockets: WebSocket[] = [];
const aborts: AbortController[] = [];

beforeAll(async () => {
  host = new HostProcess();
  await host.hello();
  publisher = await Publisher.open(host, { media: { width: 320, height: 180 } });
  ({ stream_id } = await publisher.playable());
  if (!host.control_file) throw new Error("the host has no control API");
  client = new ControlClient(host.control_file);
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  for (const abort of aborts.splice(0)) abort.abort();
  await until("the end of what was open", async () => (await control()) === undefined, 5_000);
  for (const { link_id, allow } of (await client.getStreamStatus(stream_id)).status?.links ?? []) {
    if (allow === "control") await client.revokeLink(stream_id, link_id).catch(() => {}); // the stream is over
  }
});
afterAll(async () => {
  await publisher.abandon();
  await host.close();
});

/** A player by a link. */
async function connect(player_url: string, { origin = "https://elsewhere.example" } = {}) {
  const address = player_url.replace("http", "ws").replace(/player$/, "control");
  const socket = new WebSocket(address, { origin });
  sockets.push(socket);
  const told: HostMessage[] = [];
  let closed: number | null = null;
  let n = 0;
  const status = new Promise<number>((resolve) => {
    socket.on("open", () => resolve(101));
    socket.on("unexpected-response", (_request, { statusCode }) => resolve(statusCode ?? 0));
    socket.on("error", () => resolve(0));
  });
  socket.on("message", (data) => told.push(JSON.parse(String(data))));
  socket.on("close", (code) => {
    closed = code;
  });
  const state = () => told.findLast((each) => each.type === "control")?.state;
  return {
    status: await status,
    say: (message: object) => socket.send(JSON.stringify(message)),
    does: (input: Input) => socket.send(JSON.stringify({ type: "input", n: ++n, input })),
    raw: (text: string) => socket.send(text),
    is: (wanted: string) => until(wanted, () => state() === wanted, 5_000),
    ended: () => until("the end of the socket", () => closed !== null, 5_000).then(() => closed),
    state,
  };
}

/** A program that asks (`reason`) or allows. */
async function open(body: object) {
  const abort = new AbortController();
  aborts.push(abort);
  const heard: ProgramEvent[] = [];
  let over = false;
  const events = await client.openControl(stream_id, body, abort.signal);
  void (async () => {
    for await (const event of events) heard.push(event);
    over = true;
  })().catch(() => {
    over = true;
  });
  const names = () => heard.map(({ name }) => name);
  return {
    ...{ heard, names, abort },
    hears: (name: string) => until(name, () => names().includes(name as ProgramEvent["name"]), 5_000),
    over: () => until("the end of the connection", () => over, 5_000),
  };
}

const link = async (allow: "view" | "control", name = "Ada") => client.createLink(stream_id, { allow, name });
const control = async () => {
  const { status } = await client.getStreamStatus(stream_id);
  return status?.control;
};

describe("a link that only lets watch", () => {
  test("is answered as if there were nothing, whatever is asked or allowed; so is a wrong one", async () => {
    const { player_url } = await link("view");
    await link("control");
    await open({});
    await open({ reason: "Log in", timeout: 30 });
    const [first] = (await client.getStreamStatus(stream_id)).status?.links ?? [];
    expect(first?.allow).toBe("view");
    for (const url of [player_url, first?.player_url ?? "", player_url.replace(/\w{4}\/player$/, "0000/player")]) {
      expect((await connect(url)).status, url).toBe(404);
    }
    const state = async (url: string) =>
      (await fetch(url.replace(/player$/, "state"))).json() as Promise<{ allow?: string }>;
    expect((await state(player_url)).allow).toBe("view");
    expect(await control()).toMatchObject({ state: "open" });
  });
});

describe("a link that allows control", () => {
  test("steers while a program asks, and at no other time; the other one with such a link waits", async () => {
    const { player_url } = await link("control");
    const [ada, bob] = [await connect(player_url), await connect((await link("control", "Bob")).player_url)];
    await ada.is("closed");
    ada.say({ type: "take" });
    ada.does(CLICK);
    const asks = await open({ reason: "Log in", timeout: 30 });
    await Promise.all([ada.is("open"), bob.is("open")]);
    ada.does(CLICK);
    ada.say({ type: "take" });
    await Promise.all([ada.is("yours"), bob.is("taken")]);
    bob.say({ type: "take" });
    bob.does({ type: "text", text: "not mine" });
    ada.does(CLICK);
    await asks.hears("input");
    expect(await control()).toEqual({ state: "taken", reason: "Log in", by: "Ada" });
    ada.say({ type: "done", note: "ready" });
    await asks.hears("ended");
    await asks.over();
    expect(asks.heard.filter(({ name }) => name === "input")).toEqual([{ name: "input", data: CLICK }]);
    expect(asks.heard.at(-1)?.data).toEqual({ outcome: "done", note: "ready" });
    await Promise.all([ada.is("closed"), bob.is("closed")]);
    expect(await control()).toBeUndefined();
    const tasks = (await client.getStreamStatus(stream_id)).status?.tasks;
    expect(tasks?.find(({ name }) => name === "Ada has taken over")).toMatchObject({ state: "done", detail: "ready" });
  });

  test("that is revoked, or has expired, ends at once, and what it held is free", async () => {
    const { link_id, player_url } = await link("control", "Bob");
    const asks = await open({ reason: "Log in", timeout: 30 });
    const bob = await connect(player_url);
    await bob.is("open");
    bob.say({ type: "take" });
    await bob.is("yours");
    await client.revokeLink(stream_id, link_id);
    await bob.ended();
    await asks.hears("released");
    expect((await connect(player_url)).status).toBe(404);
    const { player_url: short } = await client.createLink(stream_id, { allow: "control", expires_in: 1 });
    const late = await connect(short);
    await late.ended();
  });
});

test("what no player sends ends its connection: nonsense, places beside the picture, a flood", async () => {
  const { player_url } = await link("control");
  const allows = await open({});
  for (const text of [
    "no JSON",
    JSON.stringify({ type: "input", n: 1, input: { ...CLICK, x: 1.5 } }),
    JSON.stringify({ type: "input", n: 1, input: { type: "text", text: "x".repeat(30_000) } }),
    JSON.stringify({ type: "input", n: 1, input: { ...CLICK, type: "evaluate", expression: "1" } }),
    JSON.stringify({ type: "input", n: 2, input: CLICK }), // without the first
  ]) {
    const player = await connect(player_url);
    await player.is("open");
    player.raw(text);
    expect(await player.ended(), text.slice(0, 80)).toBe(1008);
  }
  const player = await connect(player_url);
  await player.is("open");
  player.say({ type: "take" });
  await player.is("yours");
  for (let count = 0; count < 1_500; count++) player.does(CLICK);
  expect(await player.ended()).toBe(1008);
  await allows.hears("released");
  expect(allows.names().filter((name) => name === "input").length).toBeLessThan(1_000);
  expect(await control()).toMatchObject({ state: "open" });
});

test("a program that asks: for what it needs a link, once at a time, and as long as it is there", async () => {
  const refused = (body: object) =>
    open(body).then(
      () => null,
      (error: unknown) => error,
    );
  expect(await refused({ reason: "Log in" })).toMatchObject({ code: "no_control_link" });
  const { player_url } = await link("control");
  expect(await refused({ reason: "" })).toMatchObject({ code: "invalid_option", details: { option: "reason" } });
  expect(await refused({ reason: "Log in", timeout: 0 })).toMatchObject({
    code: "invalid_option",
    details: { option: "timeout" },
  });
  expect(await refused({ reason: "Log in", until: 3 })).toMatchObject({ code: "unknown_option" });
  const asks = await open({ reason: "Log in", timeout: 30 });
  expect(await refused({ reason: "Pay" })).toMatchObject({ code: "hand_off_active" });
  const ada = await connect(player_url);
  await ada.is("open");
  asks.abort.abort();
  await ada.is("closed");

  const short = await open({ reason: "Be quick", timeout: 1 });
  await ada.is("open");
  await short.hears("ended");
  expect(short.heard.at(-1)?.data).toEqual({ outcome: "timeout", note: "" });
  const again = await open({ reason: "Or not" });
  await ada.is("open");
  ada.say({ type: "decline", note: "no time" });
  await again.hears("ended");
  expect(again.heard.at(-1)?.data).toEqual({ outcome: "declined", note: "no time" });
});

test("a link that allows control ends with the stream, and so does what the program opened", async () => {
  const { player_url } = await link("control");
  const allows = await open({});
  const ada = await connect(player_url);
  await ada.is("open");
  await publisher.stop();
  await Promise.all([ada.ended(), allows.over()]);
  expect((await connect(player_url)).status).toBe(404);
});
