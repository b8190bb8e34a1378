// What comes over native messaging: any bytes, in any pieces; any JSON in place of a message.
import fc from "fast-check";
import { expect, test, vi } from "vitest";
import { MessageReader } from "../../../native-host/native-messaging.ts";
import { openSession } from "../../../native-host/session.ts";
import type { Recordings } from "../../../native-host/sinks/recording/recordings.ts";
import type { StreamRegistry } from "../../../native-host/stream/registry.ts";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { ExtensionContract, HostContract } from "../../../protocol/native-messages.ts";
import { PARAMETERS, pieces, TIMEOUT } from "./runs.ts";

const framed = (json: string): Buffer => {
  const body = Buffer.from(json);
  const header = Buffer.alloc(4);
  header.writeUInt32LE(body.length);
  return Buffer.concat([header, body]);
};
const cuts = fc.array(fc.nat(), { maxLength: 20 });

test("framing gives every message whole, however the bytes were cut", { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 5 }), cuts, (messages, places) => {
      const texts = messages.map((message) => JSON.stringify(message));
      const reader = new MessageReader();
      const read = pieces(Buffer.concat(texts.map(framed)), places).flatMap((piece) => [...reader.push(piece)]);
      expect(read.map((message) => JSON.stringify(message))).toEqual(texts);
    }),
    PARAMETERS,
  );
});

test("framing refuses any other bytes with one error of its own", { timeout: TIMEOUT }, () => {
  const header = fc
    .uint8Array({ minLength: 4, maxLength: 4 })
    .map((bytes) => Uint8Array.from([bytes[0] ?? 0, 0, 0, 0]));
  const bytes = fc.tuple(fc.oneof(header, fc.uint8Array({ maxLength: 8 })), fc.uint8Array({ maxLength: 300 }));
  fc.assert(
    fc.property(bytes, cuts, ([head, body], places) => {
      const reader = new MessageReader();
      try {
        for (const piece of pieces(Buffer.concat([head, body]), places)) for (const _ of reader.push(piece));
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(FlyBrowserError);
        expect((thrown as FlyBrowserError).code).toBe("invalid_message");
      }
    }),
    PARAMETERS,
  );
});

test("messages of any form are answered or refused, and the session goes on", { timeout: TIMEOUT }, async () => {
  const params = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.record(
      {
        stream_id: fc.oneof(fc.string(), fc.jsonValue()),
        run: fc.oneof(fc.integer(), fc.double(), fc.string()),
        data: fc.string(),
        sent_at: fc.oneof(fc.double(), fc.string()),
        task: fc.jsonValue({ maxDepth: 2 }),
        options: fc.jsonValue({ maxDepth: 2 }),
        tab: fc.jsonValue({ maxDepth: 2 }),
        reason: fc.string(),
      },
      { requiredKeys: [] },
    ),
  );
  const id = fc.oneof(fc.nat(), fc.double(), fc.string());
  const method = fc.oneof(fc.constantFrom(...Object.keys(HostContract.methods), "__proto__", "toString"), fc.string());
  const event = fc.oneof(fc.constantFrom(...Object.keys(ExtensionContract.events), "constructor"), fc.string());
  const message = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.record({ kind: fc.constant("request"), id, method, params }),
    fc.record({ kind: fc.constant("event"), event, params }),
    fc.record({ kind: fc.constant("response"), id, result: params, error: fc.jsonValue() }, { requiredKeys: ["kind"] }),
  );
  let receive: (message: unknown) => void = () => {};
  const sent: unknown[] = [];
  const nothing = vi.fn();
  const registry = new Proxy({} as StreamRegistry, {
    get: () => () => {
      throw new FlyBrowserError("no_active_stream");
    },
  });
  openSession({
    clip: async () => {
      throw new FlyBrowserError("no_active_stream");
    },
    transport: {
      send: (each) => void sent.push(each),
      onMessage: (take) => (receive = take),
      onClose() {},
      close() {},
    },
    registry,
    recordings: new Proxy({} as Recordings, { get: () => nothing }),
    onHello: () => Promise.reject(new FlyBrowserError("internal", { reason: "not here" })),
    onViewers: nothing,
    ...{ onPublisher: nothing, findFfmpeg: nothing, endFrozen: async () => null, onExpected: nothing },
    onClose: nothing,
  });
  await fc.assert(
    fc.asyncProperty(message, async (each) => {
      const before = sent.length;
      receive(each);
      await Promise.resolve();
      const request = each as { kind?: unknown; id?: unknown; method?: unknown; params?: unknown } | null;
      const asks =
        request?.kind === "request" &&
        typeof request.id === "number" &&
        !Number.isNaN(request.id) &&
        typeof request.method === "string";
      if (!asks || !("params" in (request ?? {}))) return;
      await vi.waitFor(() => expect(sent.length).toBeGreaterThan(before), { timeout: 2_000, interval: 1 });
      sent.length = 0;
    }),
    PARAMETERS,
  );
});
