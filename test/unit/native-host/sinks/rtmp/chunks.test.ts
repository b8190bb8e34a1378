import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { ChunkReader } from "../../../../../native-host/sinks/rtmp/chunk-reader.ts";
import { ChunkWriter } from "../../../../../native-host/sinks/rtmp/chunk-writer.ts";
import { setChunkSize } from "../../../../../native-host/sinks/rtmp/messages.ts";

const message = (timestamp: number, bytes: number) => ({ type: 9, streamId: 1, timestamp, body: randomBytes(bytes) });
const hex = (text: string) => Buffer.from(text.replaceAll(" ", ""), "hex");

describe("chunks", () => {
  it("come back as the messages they were, across a change of size, cut anywhere", () => {
    const writer = new ChunkWriter();
    const sent = [message(0, 0), message(5, 128), message(40, 1000), message(0xfffffe, 129), message(0x1000000, 9000)];
    const wire = [...sent.slice(0, 3).map((each) => writer.write(6, each)), writer.write(2, setChunkSize(4096))];
    writer.chunkSize = 4096;
    wire.push(...sent.slice(3).map((each) => writer.write(6, each)));
    for (const cut of [1, 7, 4096, 1e6]) {
      const reader = new ChunkReader();
      const all = Buffer.concat(wire);
      const got = [];
      for (let at = 0; at < all.length; at += cut) got.push(...reader.push(all.subarray(at, at + cut)));
      expect(got.filter(({ type }) => type === 9)).toEqual(sent);
    }
  });

  it("never go back in time on a chunk stream", () => {
    const writer = new ChunkWriter();
    writer.write(6, message(100, 1));
    const [late] = new ChunkReader().push(writer.write(6, message(50, 1)));
    expect(late?.timestamp).toBe(100);
    const [other] = new ChunkReader().push(writer.write(4, message(50, 1)));
    expect(other?.timestamp).toBe(50);
  });

  it("wrap their time after 2^32 ms", () => {
    const [wrapped] = new ChunkReader().push(new ChunkWriter().write(6, message(2 ** 32 + 7, 1)));
    expect(wrapped?.timestamp).toBe(7);
  });

  it("are read in all forms of the header, two messages interleaved", () => {
    const reader = new ChunkReader();
    const got = [
      reader.push(hex("03 00000a 000001 14 01000000 aa")), // full
      reader.push(hex("43 000005 000001 14 bb")), // same stream id
      reader.push(hex("83 000005 cc")), // same length and type
      reader.push(hex("c3 dd")), // same everything
      reader.push(hex("00 10 000001 000001 14 00000000 ee")), // id 80 in two bytes
      reader.push(hex("01 0100 000001 000001 14 00000000 ff")), // id 65 in three bytes
    ].flat();
    expect(got.map(({ timestamp, body }) => [timestamp, Buffer.from(body).toString("hex")])).toEqual([
      ...[
        [10, "aa"],
        [15, "bb"],
        [20, "cc"],
        [25, "dd"],
      ],
      ...[
        [1, "ee"],
        [1, "ff"],
      ],
    ]);
    const [long, short] = [message(3, 200), message(4, 10)];
    const [a, b] = [new ChunkWriter().write(6, long), new ChunkWriter().write(4, short)];
    const first = 12 + 128;
    expect(reader.push(Buffer.concat([a.subarray(0, first), b, a.subarray(first)]))).toEqual([short, long]);
  });

  it("forget a message that the server aborts", () => {
    const reader = new ChunkReader();
    const begun = new ChunkWriter().write(6, message(1, 200)).subarray(0, 12 + 128);
    const abort = new ChunkWriter().write(2, { type: 2, streamId: 0, timestamp: 0, body: hex("00000006") });
    const next = message(2, 3);
    reader.push(Buffer.concat([begun, abort]));
    expect(reader.push(new ChunkWriter().write(6, next))).toEqual([next]);
  });

  it("are refused when they can't be: no header, too large, size 0, too many streams", () => {
    expect(() => new ChunkReader().push(hex("c3 00"))).toThrowError(/without a full header/);
    expect(() => new ChunkReader().push(hex("03 000000 ffffff 14 00000000"))).toThrowError(/16777215 bytes/);
    expect(() => new ChunkReader().push(new ChunkWriter().write(2, setChunkSize(0)))).toThrowError(/size of 0/);
    const reader = new ChunkReader();
    expect(() => {
      for (let id = 0; id < 100; id++)
        reader.push(Buffer.concat([Buffer.from([0, id]), hex("000000 000000 14 00000000")]));
    }).toThrowError(/too many/);
  });

  it("of a byte cost neither memory nor time, and a flood of them ends the connection", () => {
    const reader = new ChunkReader();
    const bytes = 60_000;
    const header = hex("06 000001 00ea60 09 01000000"); // 60,000 bytes of type 9
    const chunks = Buffer.alloc(2 * bytes - 1, 0xc6);
    for (let at = 0; at < chunks.length; at += 2) chunks[at] = 0xaa;
    const message = Buffer.concat([header, chunks]);
    const began = performance.now();
    reader.push(new ChunkWriter().write(2, setChunkSize(1)));
    const before = process.memoryUsage();
    let got = 0;
    expect(() => {
      for (let round = 0; round < 100; round++) {
        for (let at = 0; at < message.length; at += 1_000) {
          for (const { body } of reader.push(message.subarray(at, at + 1_000))) {
            expect(Buffer.alloc(bytes, 0xaa).equals(body)).toBe(true);
            got++;
          }
        }
      }
    }).toThrowError(/far more data/);
    expect(got).toBeGreaterThan(5);
    const after = process.memoryUsage();
    expect(after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers).toBeLessThan(64e6);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});
