import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { OptionsConnection } from "../../../extension/options/connection.ts";
import { Connection } from "../../../extension/popup/connection.ts";
import { POPUP_PORT } from "../../../protocol/extension-messages.ts";
import { OPTIONS_PORT, type OptionsState } from "../../../protocol/page-messages.ts";

/** A port to a service worker, as Chrome has it. */
class FakePort {
  readonly sent: { id: number; method: string; params: unknown }[] = [];
  readonly name: string;
  receive = (_message: unknown): void => {};
  lose = (): void => {};
  readonly onMessage = {
    addListener: (listener: (message: unknown) => void) => {
      this.receive = listener;
    },
  };
  readonly onDisconnect = {
    addListener: (listener: () => void) => {
      this.lose = listener;
    },
  };

  constructor(name: string) {
    this.name = name;
  }

  postMessage(message: unknown): void {
    this.sent.push(message as FakePort["sent"][number]);
  }

  disconnect(): void {}
}

const ports = vi.hoisted(() => [] as unknown[]) as FakePort[];
vi.mock("webextension-polyfill", () => ({
  default: {
    runtime: {
      connect: ({ name }: { name: string }) => {
        const port = new FakePort(name);
        ports.push(port);
        return port;
      },
    },
  },
}));

const STATE: OptionsState = { may_ask: true, programs: false, pairings: [] };

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("chrome", { runtime: {} });
  ports.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("asks for the state as it is, and hears of each change", async () => {
  const states: OptionsState[] = [];
  new OptionsConnection((state) => states.push(state));
  const [port] = ports;
  expect([port?.name, port?.sent]).toMatchObject([OPTIONS_PORT, [{ method: "watch", params: {} }]]);
  port?.receive({ kind: "response", id: port.sent[0]?.id, result: STATE });
  await vi.advanceTimersByTimeAsync(0);
  port?.receive({ kind: "event", event: "state", params: { ...STATE, may_ask: false } });
  expect(states).toEqual([STATE, { ...STATE, may_ask: false }]);
});

it("connects again, after a moment, to a service worker that was restarted; calls go there then", async () => {
  const connection = new Connection(7, () => {});
  ports[0]?.lose();
  expect(ports).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);
  void connection.stop().catch(() => {});
  expect(ports.map(({ name }) => name)).toEqual([POPUP_PORT, POPUP_PORT]);
  expect(ports[1]?.sent).toMatchObject([
    { method: "watch", params: { tab_id: 7 } },
    { method: "stopStream", params: { tab_id: 7 } },
  ]);
  expect(ports[0]?.sent).toHaveLength(1);
});
