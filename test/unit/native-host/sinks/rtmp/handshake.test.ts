import { randomBytes } from "node:crypto";
import { describe, expect, it } from "vitest";
import { Handshake } from "../../../../../native-host/sinks/rtmp/handshake.ts";

const s1 = Buffer.concat([Buffer.alloc(8), randomBytes(1528)]);

describe("Handshake", () => {
  it("opens with version 3, answers S1 with C2, and gives what follows, however the bytes are cut", () => {
    const handshake = new Handshake();
    expect(handshake.opening).toHaveLength(1537);
    expect(handshake.opening.readUInt8(0)).toBe(3);
    const wire = Buffer.concat([Buffer.from([3]), s1, handshake.opening.subarray(1), Buffer.from("rest")]);
    const replies: Buffer[] = [];
    let rest: Buffer | null = null;
    for (let at = 0; at < wire.length; at += 500) {
      const step = handshake.push(wire.subarray(at, at + 500));
      replies.push(step.reply);
      rest = step.rest;
    }
    expect(Buffer.concat(replies).equals(s1)).toBe(true);
    expect(rest?.toString()).toBe("rest");
    expect(handshake.echoed).toBe(true);
  });

  it("notices an answer that does not repeat C1, and goes on", () => {
    const handshake = new Handshake();
    expect(handshake.push(Buffer.concat([Buffer.from([3]), s1, randomBytes(1536)])).rest).toHaveLength(0);
    expect(handshake.echoed).toBe(false);
  });

  it("refuses a server of another kind at its first byte", () => {
    expect(() => new Handshake().push(Buffer.from("HTTP/1.1 400"))).toThrowError(/begins with 72, not with 3/);
  });
});
