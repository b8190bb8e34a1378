import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { StateConnection } from "../../../extension/background-connection.ts";
import { BackgroundForOptionsContract, OPTIONS_PORT, type OptionsState } from "../../../protocol/page-messages.ts";

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

const STATE: OptionsState = { sites: [], may_ask: true, programs: false, pairings: [] };

let states: OptionsState[];
const connect = (later = false) => {
  const onState = (state: OptionsState) => void states.push(state);
  return new StateConnection({
    port: OPTIONS_PORT,
    background: BackgroundForOptionsContract,
    listeners: { state: onState },
    watch: (peer) => peer.call("watch", {}).then(onState),
    later,
  });
};

beforeEach(() => {
  states = [];
  vi.useFakeTimers();
  vi.stubGlobal("chrome", { runtime: {} });
  ports.length = 0;
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("asks for the state as it is, and hears of each change", async () => {
  connect();
  const [port] = ports;
  expect([port?.name, port?.sent]).toMatchObject([OPTIONS_PORT, [{ method: "watch", params: {} }]]);
  port?.receive({ kind: "response", id: port.sent[0]?.id, result: STATE });
  await vi.advanceTimersByTimeAsync(0);
  port?.receive({ kind: "event", event: "state", params: { ...STATE, may_ask: false } });
  expect(states).toEqual([STATE, { ...STATE, may_ask: false }]);
});

it("connects again, after a moment, to a service worker that was restarted; calls go there then", async () => {
  const connection = connect();
  ports[0]?.lose();
  expect(ports).toHaveLength(1);
  await vi.advanceTimersByTimeAsync(200);
  void connection.peer.call("setMayAsk", { may_ask: true }).catch(() => {});
  expect(ports.map(({ name }) => name)).toEqual([OPTIONS_PORT, OPTIONS_PORT]);
  expect(ports[1]?.sent).toMatchObject([
    { method: "watch", params: {} },
    { method: "setMayAsk", params: { may_ask: true } },
  ]);
  expect(ports[0]?.sent).toHaveLength(1);
});

it("where it may wait, it connects with the first look at it, once", () => {
  const connection = connect(true);
  expect(ports).toEqual([]);
  void connection.peer.call("setMayAsk", { may_ask: true }).catch(() => {});
  expect(connection.peer).toBe(connection.peer);
  expect(ports.map(({ sent }) => sent.map(({ method }) => method))).toEqual([["watch", "setMayAsk"]]);
});
