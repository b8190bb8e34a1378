// The newest packets of a track, once for all viewers: what one of them has missed is sent to it again.
import type { RtpPacket } from "./rtp.ts";

/** Packets that are kept: of 1.5 Mbit/s some six seconds, of 12 Mbit/s most of one. */
const KEPT = 1_024;

/** The packets. */
export class RecentPackets {
  readonly #packets: (RtpPacket | undefined)[] = new Array(KEPT).fill(undefined);

  add(packet: RtpPacket): void {
    this.#packets[packet.sequence % KEPT] = packet;
  }

  /** The packet with this number; `undefined`: it never came, or is too old. */
  find(sequence: number): RtpPacket | undefined {
    const found = this.#packets[sequence % KEPT];
    return found?.sequence === sequence ? found : undefined;
  }
}
