import { describe, expect, it } from "vitest";
import { Interleaver } from "../../../../../native-host/sinks/rtmp/interleaver.ts";

const at = (...times: number[]) => times.map((dts) => ({ dts }));
const both = { video: true, audio: true };

describe("Interleaver", () => {
  it("orders two tracks that come in pieces, and holds back only what could still be overtaken", () => {
    const interleaver = new Interleaver(both);
    expect(interleaver.push("video", at(0, 33, 66))).toEqual([]);
    expect(interleaver.push("audio", at(10, 31, 52))).toEqual(at(0, 10, 31, 33, 52));
    expect(interleaver.push("video", at(100))).toEqual([]);
    expect(interleaver.push("audio", at(73, 94, 120))).toEqual(at(66, 73, 94, 100));
    expect(interleaver.flush()).toEqual(at(120));
  });

  it("does not wait for a track that isn't there", () => {
    expect(new Interleaver({ video: true, audio: false }).push("video", at(0, 33))).toEqual(at(0, 33));
    expect(new Interleaver({ video: true, audio: false }).push("audio", at(0))).toEqual([]);
  });

  it("goes on alone when the other track is silent for longer than its bound", () => {
    const interleaver = new Interleaver(both, 100);
    interleaver.push("audio", at(0));
    expect(interleaver.push("video", at(50, 90))).toEqual(at(0));
    expect(interleaver.push("video", at(160))).toEqual(at(50));
  });

  it("holds a bounded number where time stands still", () => {
    const interleaver = new Interleaver(both, 1000, 10);
    let given = 0;
    for (let count = 0; count < 50; count++) given += interleaver.push("video", at(5)).length;
    expect(given).toBe(40);
  });
});
