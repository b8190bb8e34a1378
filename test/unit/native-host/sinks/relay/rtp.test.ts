// RTP as the relay reads and rewrites it, and the numbers that a viewer gets.
import { describe, expect, it } from "vitest";
import { Numbering } from "../../../../../native-host/sinks/relay/numbering.ts";
import { RecentPackets } from "../../../../../native-host/sinks/relay/recent-packets.ts";
import { distance, isRtcp, readRtp, renumber } from "../../../../../native-host/sinks/relay/rtp.ts";
import { packet } from "./packets.ts";

describe("a packet", () => {
  it("is read", () => {
    const read = readRtp(packet({ sequence: 65_535, marker: true, ssrc: 7, payload: [0x65, 1, 2] }));
    expect(read).toMatchObject({ sequence: 65_535, marker: true, ssrc: 7, begins_group: false, extension_at: null });
  });

  it.each([
    ["parameter sets alone", [0x67, 1], true],
    ["parameter sets in one packet with others", [0x78, 0, 9, 0x67, 1], true],
    ["a keyframe whose parameter sets came before", [0x65, 1], false],
    ["other pictures", [0x41, 1], false],
    ["the beginning of a fragmented picture", [0x7c, 0x85], false],
    ["nothing", [], false],
  ])("of %s begins a group of pictures: %s", (_what, payload, begins) => {
    expect(readRtp(packet({ payload }))?.begins_group).toBe(begins);
  });

  it("gets the receiver's numbers, and keeps marker, timestamp and payload", () => {
    const data = packet({ sequence: 5, marker: true, ssrc: 7, timestamp: 90_000, payload: [0x41, 9], extension: 3 });
    const read = readRtp(data);
    if (!read) throw new Error("not read");
    const out = readRtp(renumber(read, { payload_type: 108, ssrc: 99, sequence: 1_000, extension_id: 8 }));
    expect(out).toMatchObject({ sequence: 1_000, ssrc: 99, marker: true });
    expect((out?.data[1] ?? 0) & 0x7f).toBe(108);
    expect(out?.data.readUInt32BE(4)).toBe(90_000);
    expect(out?.data.subarray(-2)).toEqual(Buffer.from([0x41, 9]));
    expect((out?.data[out.extension_at ?? 0] ?? 0) >> 4).toBe(8);
  });

  it.each([
    ["too short", Buffer.alloc(11, 0x80)],
    ["of another version", Buffer.alloc(20)],
    ["with more sources than bytes", Buffer.concat([Buffer.from([0x8f]), Buffer.alloc(12)])],
    [
      "with a longer extension than it has bytes",
      Buffer.concat([Buffer.from([0x90]), Buffer.alloc(11), Buffer.from([0xbe, 0xde, 0, 9])]),
    ],
  ])("that is %s is none", (_what, data) => {
    expect(readRtp(data)).toBeNull();
  });

  it("is told from RTCP", () => {
    expect(isRtcp(packet({}))).toBe(false);
    expect(isRtcp(Buffer.from([0x80, 200]))).toBe(true);
    expect(isRtcp(Buffer.alloc(0))).toBe(false);
  });
});

it("numbers have 16 bits", () => {
  expect(distance(65_535, 1)).toBe(2);
  expect(distance(1, 65_535)).toBe(-2);
});

describe("a viewer's numbers", () => {
  it("have no gap where something was left out, also over the end of 16 bits", () => {
    const numbering = new Numbering();
    expect(numbering.next(65_533)).toBeNull();
    numbering.resume(65_534);
    expect([65_534, 65_535].map((one) => numbering.next(one))).toEqual([65_534, 65_535]);
    numbering.resume(200);
    expect([200, 201].map((one) => numbering.next(one))).toEqual([0, 1]);
    numbering.resume(300);
    expect(numbering.next(300)).toBe(2);
  });

  it("are mapped back to the source's, for what has to be sent again", () => {
    const numbering = new Numbering();
    numbering.resume(100);
    numbering.next(101);
    numbering.resume(500);
    numbering.next(501);
    expect([100, 101, 102, 103].map((one) => numbering.source(one))).toEqual([100, 101, 500, 501]);
    expect(numbering.source(50)).toBeNull();
  });

  it("leave gaps that the source has, and take what comes late", () => {
    const numbering = new Numbering();
    numbering.resume(10);
    expect([10, 13, 11, 14].map((one) => numbering.next(one))).toEqual([10, 13, 11, 14]);
    numbering.resume(20);
    expect(numbering.next(12)).toBeNull();
    expect(numbering.next(20)).toBe(15);
  });
});

it("recent packets are found by their number until others take their place", () => {
  const recent = new RecentPackets();
  const read = (sequence: number) => readRtp(packet({ sequence }));
  for (const sequence of [7, 8]) {
    const one = read(sequence);
    if (one) recent.add(one);
  }
  expect(recent.find(7)?.sequence).toBe(7);
  expect(recent.find(9)).toBeUndefined();
  const later = read(7 + 1_024);
  if (later) recent.add(later);
  expect(recent.find(7)).toBeUndefined();
});
