// No stream stays whose opener has given it up: neither one that was let go while it was made, nor one that came twice.
import { beforeEach, describe, expect, test, vi } from "vitest";
import { openSession } from "../../../../native-host/session.ts";
import { StreamRegistry } from "../../../../native-host/stream/registry.ts";
import type { Stream } from "../../../../native-host/stream/stream.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import { ExtensionContract, HostContract, type HostInfo } from "../../../../protocol/native-messages.ts";
import { parseStartStreamOptions } from "../../../../protocol/options.ts";
import type { StreamInfo } from "../../../../protocol/results.ts";
import { type Handlers, type Listeners, Peer } from "../../../../protocol/rpc.ts";
import type { Transport } from "../../../../protocol/transport.ts";
import { PROTOCOL_VERSION } from "../../../../protocol/version.ts";
import { streamInfo } from "../stream-info.ts";

const TAB = { tab_id: 1, target_id: null, url: "u", title: "t", not_capturable: null, stream_id: null };
const OPTIONS = parseStartStreamOptions({});
const SEEN = { published: true, stream_id: "s1" };

/** Streams that were made and what ended each, by the name of the method. */
let made: { ended: string | null }[];
/** Lets the streams that are being made be there. */
let ready: () => void;
let failure: FlyBrowserError | null;
let registry: StreamRegistry;
/** What each was made with of another host. */
let lasts: (StreamInfo | null)[];

/** A stream that does nothing. */
function idleStream(identity: Stream["identity"]): Stream {
  const state: { ended: string | null } = { ended: null };
  made.push(state);
  const listeners = new Set<() => void>();
  const end = (how: string) => {
    state.ended ??= how;
    for (const listener of [...listeners]) listener();
  };
  return {
    ...{ identity, stream_id: identity.stream_id, trouble: null, info: () => null },
    get is_over() {
      return state.ended !== null;
    },
    onChange: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async (reason: string) => {
      end(reason);
      return null;
    },
    kill: async () => end("killed"),
    fail: (error: FlyBrowserError) => end(error.message),
  } as unknown as Stream;
}

beforeEach(() => {
  made = [];
  lasts = [];
  failure = null;
  const waited = new Promise<void>((resolve) => {
    ready = resolve;
  });
  registry = new StreamRegistry({
    stream: async ({ identity, last }) => {
      lasts.push(last);
      await waited;
      return idleStream(identity);
    },
    publish: async () => {
      if (failure) throw failure;
    },
  });
});

describe("a stream that is being made", () => {
  test("and is closed meanwhile ends as soon as it is there", async () => {
    const opening = expect(registry.open(TAB, OPTIONS, SEEN)).rejects.toMatchObject({ code: "no_active_stream" });
    await expect(registry.close("s1", "given up")).resolves.toMatchObject({ success: false });
    ready();
    await opening;
    expect([made, registry.find("s1")]).toEqual([[{ ended: "given up" }], undefined]);
  });

  test("and is asked for once more is made once; who asks last counts", async () => {
    const first = registry.open(TAB, OPTIONS, SEEN);
    await registry.close("s1", "given up");
    const second = registry.open(TAB, OPTIONS, SEEN);
    ready();
    await expect(Promise.all([first, second])).resolves.toMatchObject([{ stream_id: "s1" }, { stream_id: "s1" }]);
    expect([made, registry.find("s1")?.stream_id]).toEqual([[{ ended: null }], "s1"]);
    await registry.close("s1", "enough");
    expect([made, registry.find("s1")]).toEqual([[{ ended: "enough" }], undefined]);
  });
});

test("a stream that nobody can be shown is not kept", async () => {
  failure = new FlyBrowserError("invalid_option", { option: "rtmp_url", value: "no", allowed: "yes" });
  ready();
  await expect(registry.open(TAB, OPTIONS, SEEN)).rejects.toBe(failure);
  expect([made, registry.find("s1")]).toEqual([[{ ended: "killed" }], undefined]);
});

test("a close doesn't overtake the opening that was sent before it", async () => {
  const [extensionEnd, hostEnd] = pair();
  openSession({
    clip: async () => {
      throw new FlyBrowserError("no_active_stream");
    },
    ...{ transport: hostEnd, registry, recordings: {} as never, onHello: async () => ({}) as HostInfo },
    findFfmpeg: async () => null,
    endFrozen: async () => null,
    onExpected: () => {},
    ...{ onViewers: () => {}, onPublisher: () => {}, onClose: () => {} },
  });
  const extension = new Peer({
    transport: extensionEnd,
    local: ExtensionContract,
    remote: HostContract,
    handlers: {} as Handlers<typeof ExtensionContract>,
    listeners: {} as Listeners<typeof HostContract>,
  });
  const hello = {
    protocol_version: PROTOCOL_VERSION,
    extension_version: "1",
    user_agent: "u",
    preferred_port: null,
    continues: null,
  };
  await extension.call("hello", { ...hello, resumes: [], streams: [] }).catch(() => {}); // what the host says of itself doesn't matter
  ready();
  const opening = extension.call("openStream", { tab: TAB, options: OPTIONS, ...SEEN });
  const closing = extension.call("closeStream", { stream_id: "s1", reason: "let go" });
  await expect(opening).rejects.toMatchObject({ code: "no_active_stream" });
  await expect(closing).resolves.toMatchObject({ success: false });
  await vi.waitFor(() => expect(made).toEqual([{ ended: "let go" }]));
});

/** Two ends of a connection in one process, each message arriving at once. */
function pair(): readonly [Transport, Transport] {
  const receivers: ((message: unknown) => void)[] = [];
  const end = (own: number, other: number): Transport => ({
    send: (message) => receivers[other]?.(structuredClone(message)),
    onMessage: (receive) => {
      receivers[own] = receive;
    },
    onClose: () => {},
    close: () => {},
  });
  return [end(0, 1), end(1, 0)];
}

test("what is thrown in the course of one stream ends that one alone, also when nobody catches it", async () => {
  const uncaught: unknown[] = [];
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  process.on("uncaughtException", (thrown) => uncaught.push([(thrown as Error).message, registry.failed(thrown)]));
  try {
    ready();
    for (const stream_id of ["s1", "s2", "s3"]) await registry.open(TAB, OPTIONS, { ...SEEN, stream_id });
    registry.act("s1", () => {
      throw new Error("at once");
    });
    registry.act("s2", () => {
      setTimeout(() => {
        throw new Error("later");
      });
    });
    await expect.poll(() => uncaught).toEqual([["later", true]]);
    setTimeout(() => {
      throw new Error("nobody's");
    });
    await expect.poll(() => uncaught).toHaveLength(2);
    expect(uncaught[1]).toEqual(["nobody's", false]);
    expect(made.map(({ ended }) => ended)).toEqual([
      expect.stringContaining("at once"),
      expect.stringContaining("later"),
      null,
    ]);
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
});

test("a stream of a host that died is recovering until it goes on here, and its counters with it", async () => {
  const last = streamInfo({ stream_id: "s1" });
  registry.expect([last]);
  expect(registry.status("s1")).toMatchObject({ active: true, status: { state: "recovering", health: "degraded" } });
  expect(registry.list()).toMatchObject([{ stream_id: "s1", state: "recovering", metrics: last.metrics }]);
  const identity = { stream_id: "s1", view_token: "t", started_at: 1, zero: 1, published_at: 1, generation: 1 };
  const opened = registry.open(TAB, OPTIONS, { published: true, resume: identity });
  expect(registry.status("s1")?.active).toBe(true);
  ready();
  await opened;
  expect(lasts).toEqual([last]);
  expect(registry.status("s1")).toBeNull(); // what the stream itself tells counts: this one tells nothing
});

test("one that is let go before it goes on here is over", async () => {
  registry.expect([streamInfo({ stream_id: "s1" })]);
  await registry.close("s1", "the user has stopped it");
  expect(registry.status("s1")).toBeNull();
});
