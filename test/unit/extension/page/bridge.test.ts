import { beforeEach, describe, expect, it } from "vitest";
import { Bridge } from "../../../../extension/page/bridge.ts";
import { CALLS_AT_ONCE } from "../../../../extension/rate-limit.ts";
import type { PageAnswer } from "../../../../protocol/page-messages.ts";
import type { Transport } from "../../../../protocol/transport.ts";

/** A service worker that answers with what `reply` gives, and can go away. */
class Background {
  readonly requests: { method: string; params: unknown }[] = [];
  connections = 0;
  reply: ((method: string) => unknown) | null = () => ({ paired: true, scope: "once" });
  close: (reason: string) => void = () => {};

  connect(): Transport {
    this.connections++;
    let receive: (message: unknown) => void = () => {};
    return {
      send: (message) => {
        const { id, method, params } = message as { id: number; method: string; params: unknown };
        this.requests.push({ method, params });
        if (this.reply) receive({ kind: "response", id, result: this.reply(method) });
      },
      onMessage: (listener) => {
        receive = listener;
      },
      onClose: (listener) => {
        this.close = listener;
      },
      close: () => {},
    };
  }
}

let background: Background;
let answers: PageAnswer[];
let bridge: Bridge;

beforeEach(() => {
  background = new Background();
  answers = [];
  bridge = new Bridge({ connect: async () => background.connect(), answer: (answer) => answers.push(answer) });
});

const codes = () => answers.map((answer) => (answer.ok ? "ok" : answer.error.code));

describe("the bridge", () => {
  it("connects with the first call, once", async () => {
    expect(background.connections).toBe(0);
    await bridge.receive({ id: 1, method: "pair", params: {} });
    await bridge.receive({ id: 2, method: "pair", params: { purpose: "x" } });
    expect(background.connections).toBe(1);
    expect(background.requests).toEqual([
      { method: "pair", params: { purpose: "" } },
      { method: "pair", params: { purpose: "x" } },
    ]);
    expect(answers[0]).toEqual({ id: 1, ok: true, result: { paired: true, scope: "once" } });
  });

  it("says nothing to what isn't a call, or is one again", async () => {
    await bridge.receive({ id: 3, method: "pair", params: {} });
    for (const message of [
      { id: 3, method: "pair", params: {} },
      { id: 2, method: "pair", params: {} },
      { id: 4, method: "constructor", params: {} },
      { id: 4, method: "pair", params: {}, tab_id: 1 },
      { id: "4", method: "pair", params: {} },
      { kind: "request", id: 4, method: "pair", params: {} },
      null,
      "pair",
    ]) {
      await bridge.receive(message);
    }
    expect(answers).toHaveLength(1);
    expect(background.requests).toHaveLength(1);
  });

  it("passes on nothing that isn't valid", async () => {
    await bridge.receive({ id: 1, method: "pair", params: { purpose: "x".repeat(201) } });
    await bridge.receive({ id: 2, method: "startStream", params: { options: { tab_id: 5 } } });
    await bridge.receive({ id: 3, method: "startRecording", params: { options: { path: "/a.mp4" } } });
    await bridge.receive({ id: 4, method: "beginTask", params: { name: " " } });
    const loop: Record<string, unknown> = {};
    loop.quality = loop;
    await bridge.receive({ id: 5, method: "startStream", params: { options: loop } });
    expect(codes()).toEqual(["invalid_option", "unknown_option", "unknown_option", "invalid_option", "invalid_option"]);
    expect(background.requests).toEqual([]);
  });

  it("never repeats a key in an error", async () => {
    await bridge.receive({
      id: 1,
      method: "startStream",
      params: { options: { rtmp_key: "sec ret", x: "s".repeat(9000) } },
    });
    expect(JSON.stringify(answers)).not.toContain("sec ret");
  });

  it("lets no flood through", async () => {
    for (let id = 1; id <= CALLS_AT_ONCE + 20; id++) await bridge.receive({ id, method: "pair", params: {} });
    expect(background.requests.length).toBeLessThan(CALLS_AT_ONCE + 15);
    expect(codes()).toContain("rate_limited");
  });

  it("says when the extension has gone, and connects again for the next call", async () => {
    background.reply = null;
    const waiting = bridge.receive({ id: 1, method: "stopStream", params: {} });
    await expect.poll(() => background.requests.length).toBe(1);
    background.close("gone");
    await waiting;
    background.reply = () => ({ success: false, error: "No active stream" });
    await bridge.receive({ id: 2, method: "stopStream", params: {} });
    expect(codes()).toEqual(["extension_lost", "ok"]);
    expect(background.connections).toBe(2);
  });

  it("hands on no result of a form that isn't declared", async () => {
    background.reply = () => ({ paired: true, scope: "always", view_token: "secret" });
    await bridge.receive({ id: 1, method: "pair", params: {} });
    background.reply = () => "anything";
    await bridge.receive({ id: 2, method: "pair", params: {} });
    expect(answers[0]).toEqual({ id: 1, ok: true, result: { paired: true, scope: "always" } });
    expect(codes()[1]).toBe("invalid_message");
  });
});
