// RTCP of both sides: what is read of it, and what is said.
import { describe, expect, it } from "vitest";
import {
  delayAnswer,
  negativeAcknowledgement,
  pictureLoss,
  readRtcp,
  receiverReport,
  senderReport,
} from "../../../../../native-host/sinks/relay/rtcp.ts";

const words = (...values: number[]) => {
  const data = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => {
    data.writeUInt32BE(value >>> 0, 4 * index);
  });
  return data;
};
/** A sender report of SSRC 5 with NTP time 0x11112222.33334444. */
const SENDER = words(0x80c80006, 5, 0x11112222, 0x33334444, 90_000, 10, 1_000);

describe("what is read", () => {
  it("is a receiver's report: share of loss, last report, delay", () => {
    const report = words(0x81c90007, 1, 5, 0x40000003, 100, 0, 0x22223333, 0x00008000);
    expect(readRtcp(report).reports).toEqual([{ ssrc: 5, lost: 0.25, last_report: 0x22223333, delay: 500 }]);
  });

  it("is what is missing, single and in rows", () => {
    const { missing } = readRtcp(words(0x81cd0004, 1, 5, 0xffff0003, 0x00100000));
    expect(missing).toEqual([{ ssrc: 5, sequences: [65_535, 0, 1, 16] }]);
  });

  it("is a wish for a keyframe, in both forms", () => {
    expect(readRtcp(words(0x81ce0002, 1, 5)).keyframes).toEqual([5]);
    expect(readRtcp(words(0x84ce0006, 1, 0, 5, 0x01000000, 6, 0x02000000)).keyframes).toEqual([5, 6]);
  });

  it("is a sender's time, in a packet of several", () => {
    const { sender_reports } = readRtcp(Buffer.concat([SENDER, words(0x81ca0002, 5, 0)]));
    expect(sender_reports).toMatchObject([{ ssrc: 5, middle: 0x22223333 }]);
  });

  it.each([
    ["cut off", words(0x81cd0004, 1, 5)],
    ["of no version", words(0x01c90001, 1)],
    ["shorter than it says", words(0x80c80001, 1)],
    ["with a block of no length", words(0x80cf0002, 1, 0x04000000)],
    ["empty", Buffer.alloc(0)],
  ])("is nothing where it is %s", (_what, data) => {
    expect(Object.values(readRtcp(data)).flat()).toEqual([]);
  });
});

describe("what is said", () => {
  it("is the sender's time under another SSRC, without its counts of reports, and with a name", () => {
    const [report] = readRtcp(SENDER).sender_reports;
    if (!report) throw new Error("not read");
    const said = senderReport(report, 77, "name");
    expect(said.length % 4).toBe(0);
    expect(readRtcp(said).sender_reports).toMatchObject([{ ssrc: 77, middle: 0x22223333, body: report.body }]);
    expect(said.subarray(28).readUInt8(1)).toBe(202);
    expect(said.subarray(28).toString("latin1")).toContain("name");
  });

  it("is a report of reception with the bitrate that may be sent", () => {
    const track = { ssrc: 5, lost: 0.5, lost_in_all: 3, highest: 65_540, last_report: 9, delay: 500 };
    const said = receiverReport(1, [track, { ...track, ssrc: 6 }], 1_650_000);
    expect(readRtcp(said).reports).toMatchObject([
      { ssrc: 5, lost: 0.5, last_report: 9, delay: 500 },
      { ssrc: 6, lost: 0.5 },
    ]);
    const estimate = said.subarray(8 + 2 * 24);
    expect(estimate.toString("ascii", 12, 16)).toBe("REMB");
    const bits = estimate.readUIntBE(17, 3);
    expect((bits & 0x3ffff) * 2 ** (bits >> 18)).toBeCloseTo(1_650_000, -2);
    expect(estimate.readUInt32BE(24)).toBe(6);
  });

  it("is a wish for a keyframe, and for packets that are missing", () => {
    expect(readRtcp(pictureLoss(1, 5)).keyframes).toEqual([5]);
    expect(readRtcp(negativeAcknowledgement(1, 5, 65_534, 3)).missing).toEqual([
      { ssrc: 5, sequences: [65_534, 65_535, 0] },
    ]);
    expect(readRtcp(negativeAcknowledgement(1, 5, 0, 17)).missing[0]?.sequences).toHaveLength(17);
  });

  it("is an answer to who asks how long packets take", () => {
    const asked = readRtcp(words(0x80cf0004, 3, 0x04000002, 0x11112222, 0x33334444));
    expect(asked.times).toEqual([{ ssrc: 3, middle: 0x22223333 }]);
    const [time] = asked.times;
    if (!time) throw new Error("not read");
    const said = delayAnswer(77, time);
    expect([said.readUInt8(1), said.readUInt8(8), said.readUInt32BE(12), said.readUInt32BE(16)]).toEqual([
      207, 5, 3, 0x22223333,
    ]);
  });
});
