// When a part is late, what a connection makes of split responses, and how far viewers get.
import { describe, expect, it } from "vitest";
import { takeResponse } from "../../../bench/viewers/connection.ts";
import { Ledger } from "../../../bench/viewers/ledger.ts";
import { mostWithoutLate } from "../../../bench/viewers/section.ts";

const PART = { duration: 0.2, part_target: 0.2, hold_back: 0.6 };

describe("ledger", () => {
  it("measures from the first announcement, whoever heard it", () => {
    const ledger = new Ledger();
    ledger.announce("video", "a", 0.2, 1000);
    ledger.announce("video", "a", 0.2, 1900);
    ledger.arrive("a", PART, 1100); // in time
    ledger.arrive("a", PART, 1300); // slow: more than a part target
    ledger.arrive("a", PART, 1401); // late: hold back minus duration is 400 ms
    expect(ledger.figures()).toMatchObject({ parts: 3, late: 1, slow: 2, p50: 300, worst: 401 });
  });

  it("counts a part that never came as late", () => {
    const ledger = new Ledger();
    ledger.lose();
    expect(ledger.figures()).toMatchObject({ parts: 1, late: 1, slow: 1 });
  });

  it("says by how much the stream itself fell behind its media time", () => {
    const ledger = new Ledger();
    [1000, 1200, 1550, 1600].forEach((now, index) => {
      ledger.announce("video", String(index), 0.2, now);
    });
    expect(ledger.figures().edge_delay).toBeCloseTo(150);
  });
});

describe("connection", () => {
  const text = (taken: ReturnType<typeof takeResponse>) => taken?.response.body.toString();

  it("waits until a response of known length is whole, and leaves what follows", () => {
    const whole = Buffer.from("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhelloHTTP/1.1");
    for (let length = 0; length < whole.length - 8; length++)
      expect(takeResponse(whole.subarray(0, length))).toBeNull();
    expect(takeResponse(whole)).toMatchObject({ response: { status: 200 }, length: whole.length - 8 });
    expect(text(takeResponse(whole))).toBe("hello");
  });

  it("puts chunks together", () => {
    const whole = Buffer.from("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
    for (let length = 0; length < whole.length; length++) expect(takeResponse(whole.subarray(0, length))).toBeNull();
    expect(text(takeResponse(whole))).toBe("abcde");
    expect(takeResponse(whole)?.length).toBe(whole.length);
  });
});

describe("mostWithoutLate", () => {
  const row = (viewers: number, late: number, errors = 0) => ({ viewers, late, errors });

  it("stops at the first late part or error", () => {
    expect(mostWithoutLate([row(50, 0), row(100, 0), row(200, 3), row(300, 0)])).toBe(100);
    expect(mostWithoutLate([row(50, 0), row(100, 0, 1)])).toBe(50);
    expect(mostWithoutLate([row(50, 1)])).toBe(0);
    expect(mostWithoutLate([row(50, 0), row(100, 0)])).toBe(100);
    expect(mostWithoutLate([])).toBe(0);
  });
});
