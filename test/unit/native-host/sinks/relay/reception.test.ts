// How the source's tracks come in: what is missing, and what is reported of it.
import { expect, it } from "vitest";
import { TrackReception } from "../../../../../native-host/sinks/relay/reception.ts";
import { type RtpPacket, readRtp } from "../../../../../native-host/sinks/relay/rtp.ts";
import { packet } from "./packets.ts";

const read = (sequence: number, ssrc = 1) => readRtp(packet({ sequence, ssrc })) as RtpPacket;

it("a gap is told once, up to what one request can name", () => {
  const track = new TrackReception();
  expect(track.read(0)).toBeNull();
  expect(track.take(read(65_534))).toBeNull();
  expect(track.take(read(1))).toEqual({ first: 65_535, count: 2 });
  expect(track.take(read(65_535))).toBeNull();
  expect(track.take(read(2))).toBeNull();
  expect(track.take(read(100))).toEqual({ first: 3, count: 17 });
});

it("the report has the share that was lost since the last one, and the rounds of numbers", () => {
  const track = new TrackReception();
  for (const sequence of [65_533, 65_534, 1, 2]) track.take(read(sequence));
  expect(track.read(0)).toMatchObject({ lost: 2 / 6, lost_in_all: 2, highest: 65_538 });
  track.take(read(3));
  expect(track.read(0)).toMatchObject({ lost: 0, lost_in_all: 2, highest: 65_539 });
  expect(track.read(0)).toMatchObject({ lost: 0 });
});

it("the sender's time is given back with how long ago it came", () => {
  const track = new TrackReception();
  track.take(read(1));
  track.reported({ ssrc: 1, body: Buffer.alloc(20), middle: 77 }, 1_000);
  expect(track.read(1_250)).toMatchObject({ last_report: 77, delay: 250 });
});

it("another source begins anew", () => {
  const track = new TrackReception();
  track.take(read(10));
  expect(track.take(read(5_000, 2))).toBeNull();
  expect(track.read(0)).toMatchObject({ ssrc: 2, lost_in_all: 0 });
});
