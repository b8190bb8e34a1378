// The offscreen document as Chrome shows it: one that has gone is told of, one that is back soon is not.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { OffscreenConnection } from "../../../../extension/background/offscreen-connection.ts";

vi.mock("webextension-polyfill", () => ({ default: {} }));

/** Whether Chrome has the document. */
let there: boolean;
let events: string[];
let connection: OffscreenConnection;

/** A document connects; gives the function that ends its connection. */
function connect(): () => void {
  const listeners: (() => void)[] = [];
  connection.takePort({
    onDisconnect: { addListener: (listener: () => void) => listeners.push(listener) },
    onMessage: { addListener: () => {} },
    postMessage: () => {},
    disconnect: () => {},
  } as unknown as chrome.runtime.Port);
  connection.mediaPortArrived();
  return () => {
    for (const listener of listeners) listener();
  };
}

beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.useFakeTimers();
  there = true;
  events = [];
  vi.stubGlobal("chrome", {
    runtime: { ContextType: { OFFSCREEN_DOCUMENT: "doc" }, getContexts: async () => (there ? [{}] : []) },
    offscreen: { closeDocument: async () => void events.push("closed") },
  });
  connection = new OffscreenConnection({
    listeners: { capture_ended: () => {}, publisher_changed: () => {}, viewers_changed: () => {} },
    onReconnect: () => events.push("reconnected"),
    onGone: () => events.push("gone"),
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("tells at once of a document that was closed or has crashed", async () => {
  const disconnect = connect();
  events.length = 0;
  there = false;
  disconnect();
  await vi.advanceTimersByTimeAsync(10);
  expect(events).toEqual(["gone"]);
});

it("waits for one that is there to connect again", async () => {
  const disconnect = connect();
  events.length = 0;
  disconnect();
  await vi.advanceTimersByTimeAsync(500);
  connect();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(events).toEqual(["reconnected"]);
});

it("closes one that is there and doesn't connect again", async () => {
  const disconnect = connect();
  events.length = 0;
  disconnect();
  await vi.advanceTimersByTimeAsync(3_000);
  expect(events).toEqual(["closed", "gone"]);
});
