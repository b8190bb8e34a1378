import { PassThrough } from "node:stream";
import { describe, expect, test } from "vitest";
import {
  frame,
  MAX_INCOMING_BYTES,
  MAX_OUTGOING_BYTES,
  MessageReader,
  nativeMessagingTransport,
} from "../../../native-host/native-messaging.ts";
import { say } from "../../../protocol/sentence.ts";

const messages = [{ a: 1 }, "é".repeat(300), [], { long: "x".repeat(100_000) }];
const stream = Buffer.concat(messages.map(frame));

describe("MessageReader", () => {
  test.each([1, 3, 4, 5, 1_000, 65_536, stream.length])("gives the same messages from pieces of %i bytes", (size) => {
    const reader = new MessageReader();
    const read: unknown[] = [];
    for (let at = 0; at < stream.length; at += size) read.push(...reader.push(stream.subarray(at, at + size)));
    expect(read).toEqual(messages);
  });

  test("takes 64 MiB in small pieces in linear time", () => {
    const reader = new MessageReader();
    const json = Buffer.from(JSON.stringify("x".repeat(MAX_INCOMING_BYTES - 2)));
    const header = Buffer.alloc(4);
    header.writeUInt32LE(json.length);
    const began = performance.now();
    let count = [...reader.push(header)].length;
    for (let at = 0; at < json.length; at += 65_536) count += [...reader.push(json.subarray(at, at + 65_536))].length;
    expect(count).toBe(1);
    expect(performance.now() - began).toBeLessThan(3_000); // joining at each piece would copy 32 GB
  });

  test("refuses a length beyond the limit before it reserves memory", () => {
    const header = Buffer.alloc(4);
    header.writeUInt32LE(MAX_INCOMING_BYTES + 1);
    expect(() => [...new MessageReader().push(header)]).toThrow(/not between 1 and/);
  });
});

test("a message too large for the browser is refused, not sent", () => {
  expect(() => frame("x".repeat(MAX_OUTGOING_BYTES))).toThrow(/too large for the browser/);
});

test("a transport ends once, with its reason, and sends nothing afterwards", async () => {
  const [input, output] = [new PassThrough(), new PassThrough()];
  const transport = nativeMessagingTransport(input, output);
  const reasons: string[] = [];
  transport.onClose((reason) => reasons.push(say(reason)));
  transport.onMessage(() => {});
  input.end();
  await new Promise((resolve) => input.once("close", resolve));
  transport.send({ late: true });
  expect(reasons).toEqual(["the browser closed the connection"]);
  expect(output.readableLength).toBe(0);
});
