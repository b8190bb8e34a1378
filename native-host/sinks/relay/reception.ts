// How a track comes in from the source: what the receiver report says of it (RFC 3550, 6.4.1 and A.3), and which packets are missing.
import type { Reception, SenderReport } from "./rtcp.ts";
import { distance, type RtpPacket } from "./rtp.ts";

/** Packets that are asked for again at most; a larger gap is repaired by a keyframe. */
const MOST_MISSING = 17;

/** What is missing before a packet. */
export interface Gap {
  readonly first: number;
  readonly count: number;
}

/** One track. */
export class TrackReception {
  /** `null` until its first packet. */
  ssrc: number | null = null;
  #first = 0;
  /** Of the newest, with the rounds of 65536 before it. */
  #highest = 0;
  #received = 0;
  #before = { expected: 0, received: 0 };
  #report: { readonly middle: number; readonly at: number } | null = null;

  /** Takes a packet; gives what is missing before it, `null`: nothing. */
  take(packet: RtpPacket): Gap | null {
    if (this.ssrc !== packet.ssrc) {
      this.ssrc = packet.ssrc;
      this.#first = packet.sequence;
      this.#highest = packet.sequence;
      this.#received = 1;
      this.#before = { expected: 0, received: 0 };
      return null;
    }
    this.#received++;
    const ahead = distance(this.#highest & 0xffff, packet.sequence);
    if (ahead <= 0) return null;
    const first = (this.#highest + 1) & 0xffff;
    this.#highest += ahead;
    return ahead > 1 ? { first, count: Math.min(MOST_MISSING, ahead - 1) } : null;
  }

  /** The source said what time it was. */
  reported({ middle }: SenderReport, now: number): void {
    this.#report = { middle, at: now };
  }

  /** What is reported of it; `null`: nothing came. */
  read(now: number): Reception | null {
    if (this.ssrc === null) return null;
    const expected = this.#highest - this.#first + 1;
    const [due, came] = [expected - this.#before.expected, this.#received - this.#before.received];
    this.#before = { expected, received: this.#received };
    return {
      ssrc: this.ssrc,
      lost: due > 0 ? Math.max(0, (due - came) / due) : 0,
      lost_in_all: expected - this.#received,
      highest: this.#highest,
      last_report: this.#report?.middle ?? 0,
      delay: this.#report ? now - this.#report.at : 0,
    };
  }
}
