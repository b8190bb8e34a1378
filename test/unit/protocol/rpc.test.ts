// A connection outlives what goes wrong in one message: one that can't be sent, and a listener that throws.
import { beforeEach, expect, test } from "vitest";
import { ExtensionContract, HostContract } from "../../../protocol/native-messages.ts";
import { type Handlers, type Listeners, Peer } from "../../../protocol/rpc.ts";

const LIMIT = 10_000;

type HostPeer = Peer<typeof HostContract, typeof ExtensionContract>;
type ExtensionPeer = Peer<typeof ExtensionContract, typeof HostContract>;

let host: HostPeer;
let extension: ExtensionPeer;
let refused: string[];
let heard: string[];

beforeEach(() => {
  [refused, heard] = [[], []];
  const receivers: ((message: unknown) => void)[] = [];
  const transport = (own: number) => ({
    send: (message: unknown) => {
      const json = JSON.stringify(message);
      if (json.length > LIMIT) throw new Error("too large");
      queueMicrotask(() => receivers[1 - own]?.(JSON.parse(json)));
    },
    onMessage: (receive: (message: unknown) => void) => {
      receivers[own] = receive;
    },
    ...{ onClose: () => {}, close: () => {} },
  });
  const tab = { tab_id: 1, target_id: null, url: "u", not_capturable: null, stream_id: null };
  host = new Peer({
    ...{ transport: transport(0), local: HostContract, remote: ExtensionContract },
    handlers: {} as Handlers<typeof HostContract>,
    listeners: {
      tab_changed: ({ title }: { title: string }) => {
        if (title === "bad") throw new Error("a fault in the listener");
        heard.push(title);
      },
    } as unknown as Listeners<typeof ExtensionContract>,
    onInvalid: (error) => refused.push(error.message),
  });
  extension = new Peer({
    ...{ transport: transport(1), local: ExtensionContract, remote: HostContract },
    handlers: { listTabs: () => [{ ...tab, title: "x".repeat(LIMIT) }] } as unknown as Handlers<
      typeof ExtensionContract
    >,
    listeners: {} as Listeners<typeof HostContract>,
  });
});

test("an event that is too large is lost alone, and the log is told", async () => {
  const tab = (title: string) => extension.emit("tab_changed", { stream_id: "s", url: "u", title });
  expect(() => host.emit("run_needed", { stream_id: "s", reason: "x".repeat(LIMIT), orderly: true })).not.toThrow();
  expect(refused).toEqual([expect.stringContaining("too large")]);
  tab("bad");
  tab("good");
  await expect.poll(() => heard).toEqual(["good"]);
  expect(refused.at(-1)).toContain("a fault in the listener");
});

test("a call that is too large fails at once; one whose result is too large gets an error", async () => {
  const call = host.call("stopStream", { stream_id: "x".repeat(LIMIT) });
  await expect(call).rejects.toMatchObject({ code: "internal" });
  await expect(host.call("listTabs", {})).rejects.toMatchObject({ code: "internal" });
});
