// The heads of the live engine's objects: what is written is what is read, in the integers of RFC 9000.
import { describe, expect, it } from "vitest";
import { objectHead, readObject } from "../../../protocol/live-messages.ts";

const OBJECT = { track_alias: 3, group_id: 70, object_id: 29, presentation_time: 12_345_678_901, keyframe: true };

/** A message of a head and a payload. */
function message(head: Uint8Array, payload = new Uint8Array([9, 8, 7])): ArrayBuffer {
  return Uint8Array.from([...head, ...payload]).buffer;
}

describe("an object", () => {
  it("is read as it was written, with its payload", () => {
    expect(readObject(message(objectHead(OBJECT)))).toEqual({ ...OBJECT, payload: new Uint8Array([9, 8, 7]) });
    const plain = { ...OBJECT, track_alias: 0, group_id: 0, object_id: 0, presentation_time: 0, keyframe: false };
    expect(readObject(message(objectHead(plain), new Uint8Array()))).toEqual({ ...plain, payload: new Uint8Array() });
  });

  it("has integers of 1, 2, 4 and 8 bytes, as RFC 9000 A.1 shows them", () => {
    for (const [value, bytes] of [
      [37, [0x25]],
      [15_293, [0x7b, 0xbd]],
      [494_878_333, [0x9d, 0x7f, 0x3e, 0x7d]],
      [Number.MAX_SAFE_INTEGER, [0xc0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ] as const) {
      const head = objectHead({ ...OBJECT, track_alias: value });
      expect([...head.subarray(0, bytes.length)]).toEqual(bytes);
      expect(readObject(message(head)).track_alias).toBe(value);
    }
  });

  it("has flags for later, which are ignored", () => {
    const head = objectHead(OBJECT);
    head[head.length - 1] = 0xfe;
    expect(readObject(message(head)).keyframe).toBe(false);
    head[head.length - 1] = 0xff;
    expect(readObject(message(head)).keyframe).toBe(true);
  });

  it("that ends within its head can't be read", () => {
    const head = objectHead(OBJECT);
    for (let length = 0; length < head.length; length++) {
      expect(() => readObject(Uint8Array.from(head.subarray(0, length)).buffer), String(length)).toThrow(RangeError);
    }
  });
});
