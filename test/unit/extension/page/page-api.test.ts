import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createPageApi, type PageApi } from "../../../../extension/page/page-api.ts";
import type { Primordials } from "../../../../extension/page/primordials.ts";

interface Call {
  readonly id: number;
  readonly method: string;
  readonly params: unknown;
}

const PRIMORDIALS: Primordials = {
  apply: Reflect.apply,
  defineProperty: Object.defineProperty,
  freeze: Object.freeze,
  Promise,
  Error,
  String,
  post: (port, message) => port.postMessage(message),
  dataOf: (event) => event.data,
};

let script: MessagePort;
let page: MessagePort;
let api: PageApi;
let calls: Call[];
let reply: (call: Call) => object | null;

beforeEach(() => {
  ({ port1: script, port2: page } = new MessageChannel());
  calls = [];
  reply = ({ method }) => ({ ok: true, result: method === "beginTask" ? { task_id: `t${calls.length}` } : {} });
  script.onmessage = (event) => {
    const call = event.data as Call;
    calls.push(call);
    const answer = reply(call);
    if (answer) script.postMessage({ id: call.id, ...answer });
  };
  api = createPageApi(page, PRIMORDIALS);
});

afterEach(() => {
  script.close();
  page.close();
});

const said = () => calls.map(({ method, params }) => [method, params]);
const refusal = (code: string) => ({ ok: false, error: { code, message: "No.", fix: "Do." } });

describe("window.flybrowser", () => {
  it("is frozen", () => {
    expect(Object.isFrozen(api)).toBe(true);
  });

  it("gives errors with code, message and fix", async () => {
    reply = () => refusal("not_paired");
    const error = await api.startStream().catch((thrown: Error) => thrown);
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ name: "FlyBrowserError", code: "not_paired", message: "No.", fix: "Do." });
  });

  it("hears each answer once, and none that it hasn't asked for", async () => {
    reply = () => null;
    const first = api.pair();
    await expect.poll(() => calls.length).toBe(1);
    script.postMessage({ id: 99, ok: true, result: "forged" });
    script.postMessage({ id: 1, ok: true, result: "first" });
    script.postMessage({ id: 1, ok: true, result: "again" });
    expect(await first).toBe("first");
  });

  it("refuses what can't be sent", async () => {
    await expect(api.startStream({ quality: (() => {}) as unknown as "high" })).rejects.toMatchObject({
      code: "invalid_option",
    });
    expect(calls).toEqual([]);
  });

  it("marks a task and its parts", async () => {
    const result = await api.task("outer", async ({ task, task_id }) => `${task_id} ${await task("inner", () => 5)}`);
    expect(result).toBe("t1 5");
    expect(said()).toEqual([
      ["beginTask", { name: "outer", parent_id: null }],
      ["beginTask", { name: "inner", parent_id: "t1" }],
      ["updateTask", { task_id: "t2", state: "done" }],
      ["updateTask", { task_id: "t1", state: "done" }],
    ]);
  });

  it("marks a task that throws as failed, and throws on", async () => {
    const error = new Error("x".repeat(600));
    await expect(api.task("a", () => Promise.reject(error))).rejects.toBe(error);
    expect(said()[1]).toEqual(["updateTask", { task_id: "t1", state: "failed", detail: "x".repeat(500) }]);
  });

  it("runs a task without a stream all the same, but not unpaired", async () => {
    reply = () => refusal("no_active_stream");
    expect(await api.task("a", ({ task_id }) => task_id)).toBe(null);
    reply = () => refusal("not_paired");
    let ran = false;
    await expect(
      api.task("a", () => {
        ran = true;
      }),
    ).rejects.toMatchObject({ code: "not_paired" });
    expect(ran).toBe(false);
  });
});
