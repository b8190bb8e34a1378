import { describe, expect, it } from "vitest";
import { decodeAmf0, EcmaArray, encodeAmf0 } from "../../../../../native-host/sinks/rtmp/amf0.ts";

describe("AMF0", () => {
  it("gives back what it was given", () => {
    const values = [
      "connect",
      1,
      true,
      null,
      undefined,
      { app: "live", nested: { list: [1, "two"] } },
      "é".repeat(40_000),
    ];
    expect(decodeAmf0(encodeAmf0(...values))).toEqual(values);
    expect(decodeAmf0(encodeAmf0(new EcmaArray({ width: 1280 })))).toEqual([{ width: 1280 }]);
  });

  it("writes the bytes of the specification", () => {
    expect(encodeAmf0("ab", 1, { x: false }).toString("hex")).toBe("0200026162003ff0000000000000030001780100000009");
    expect(encodeAmf0(new EcmaArray({ a: null })).toString("hex")).toBe("080000000100016105000009");
  });

  it("refuses whatever is cut off, at any place", () => {
    const whole = encodeAmf0({ level: "error", list: [1, 2] });
    for (let length = 1; length < whole.length; length++) {
      expect(() => decodeAmf0(whole.subarray(0, length))).toThrowError(/does not speak RTMP/);
    }
  });

  it("refuses unknown types, endless nesting and huge arrays", () => {
    expect(() => decodeAmf0(Buffer.from([0x11]))).toThrowError(/unknown type 17/);
    expect(() => decodeAmf0(Buffer.from("0a00000001".repeat(40), "hex"))).toThrowError(/nested too deep/);
    expect(() => decodeAmf0(Buffer.from("0affffffff", "hex"))).toThrowError(/too long/);
  });

  it("makes a field of a name like __proto__", () => {
    const [decoded] = decodeAmf0(encodeAmf0(Object.fromEntries([["__proto__", { polluted: true }]])));
    expect(Object.hasOwn(decoded as object, "__proto__")).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  });
});
