// RTCP (RFC 3550, 4585, 5104, 3611; draft-alvestrand-rmcat-remb): what the relay reads of the two sides, and what it says to them.

const [SR, RR, SDES, RTPFB, PSFB, XR] = [200, 201, 202, 205, 206, 207];
const [NACK, PLI, FIR, APPLICATION] = [1, 1, 4, 15];
const [RRTR, DLRR] = [4, 5];

/** How a receiver gets one of the tracks. */
export interface ReportBlock {
  readonly ssrc: number;
  /** Share of the packets since the last report that were lost, 0 to 1. */
  readonly lost: number;
  /** Middle 32 bits of the NTP time of the sender report that it has seen last; 0: none. */
  readonly last_report: number;
  /** ms since then. */
  readonly delay: number;
}

/** What a sender says of the time of one track. */
export interface SenderReport {
  readonly ssrc: number;
  /** NTP time, RTP time, counts: all that follows the SSRC, 20 bytes. */
  readonly body: Buffer;
  /** Middle 32 bits of its NTP time. */
  readonly middle: number;
}

/** All that a compound packet says and that is of use here. */
export interface RtcpNews {
  readonly sender_reports: SenderReport[];
  readonly reports: ReportBlock[];
  /** Numbers of packets that are missing, by the SSRC of the track. */
  readonly missing: { readonly ssrc: number; readonly sequences: number[] }[];
  /** Tracks of which a keyframe is wanted. */
  readonly keyframes: number[];
  /** A receiver asks how long its packets take: its SSRC, and the middle of its NTP time. */
  readonly times: { readonly ssrc: number; readonly middle: number }[];
}

/** Reads a compound packet up to where it is broken. */
export function readRtcp(data: Buffer): RtcpNews {
  const news: RtcpNews = { sender_reports: [], reports: [], missing: [], keyframes: [], times: [] };
  for (let at = 0; at + 8 <= data.length; ) {
    const end = at + 4 * (data.readUInt16BE(at + 2) + 1);
    if (data.readUInt8(at) >> 6 !== 2 || end > data.length) break;
    readOne(data.subarray(at, end), news);
    at = end;
  }
  return news;
}

function readOne(packet: Buffer, news: RtcpNews): void {
  const count = packet.readUInt8(0) & 0x1f;
  const type = packet.readUInt8(1);
  const ssrc = packet.readUInt32BE(4);
  if (type === SR && packet.length >= 28) {
    news.sender_reports.push({ ssrc, body: packet.subarray(8, 28), middle: packet.readUInt32BE(10) });
    readBlocks(packet, 28, count, news);
  } else if (type === RR) readBlocks(packet, 8, count, news);
  else if (type === RTPFB && count === NACK && packet.length >= 16) {
    news.missing.push({ ssrc: packet.readUInt32BE(8), sequences: missingIn(packet) });
  } else if (type === PSFB && count === PLI && packet.length >= 12) news.keyframes.push(packet.readUInt32BE(8));
  else if (type === PSFB && count === FIR) {
    for (let at = 12; at + 8 <= packet.length; at += 8) news.keyframes.push(packet.readUInt32BE(at));
  } else if (type === XR) {
    for (let at = 8; at + 4 <= packet.length; at += 4 * (packet.readUInt16BE(at + 2) + 1)) {
      if (packet[at] === RRTR && at + 12 <= packet.length)
        news.times.push({ ssrc, middle: packet.readUInt32BE(at + 6) });
    }
  }
}

function readBlocks(packet: Buffer, first: number, count: number, news: RtcpNews): void {
  for (let at = first; at + 24 <= packet.length && at < first + 24 * count; at += 24) {
    news.reports.push({
      ssrc: packet.readUInt32BE(at),
      lost: packet.readUInt8(at + 4) / 256,
      last_report: packet.readUInt32BE(at + 16),
      delay: (packet.readUInt32BE(at + 20) / 65_536) * 1_000,
    });
  }
}

function missingIn(packet: Buffer): number[] {
  const sequences: number[] = [];
  for (let at = 12; at + 4 <= packet.length; at += 4) {
    const first = packet.readUInt16BE(at);
    const others = packet.readUInt16BE(at + 2);
    sequences.push(first);
    for (let bit = 0; bit < 16; bit++) if ((others & (1 << bit)) !== 0) sequences.push((first + bit + 1) & 0xffff);
  }
  return sequences;
}

function header(count: number, type: number, bytes: number): Buffer {
  const packet = Buffer.alloc(bytes);
  packet.writeUInt8(0x80 | count, 0);
  packet.writeUInt8(type, 1);
  packet.writeUInt16BE(bytes / 4 - 1, 2);
  return packet;
}

/** The sender report under another SSRC, with the name by which sound and picture belong together. */
export function senderReport(report: SenderReport, ssrc: number, name: string): Buffer {
  const packet = header(0, SR, 28);
  packet.writeUInt32BE(ssrc, 4);
  report.body.copy(packet, 8);
  const text = Buffer.from(name);
  const description = header(1, SDES, 4 * Math.ceil((8 + 2 + text.length + 1) / 4));
  description.writeUInt32BE(ssrc, 4);
  description.writeUInt8(1, 8);
  description.writeUInt8(text.length, 9);
  text.copy(description, 10);
  return Buffer.concat([packet, description]);
}

/** How one track came in. */
export interface Reception {
  readonly ssrc: number;
  readonly lost: number;
  readonly lost_in_all: number;
  /** Number of the newest packet, with the rounds before it. */
  readonly highest: number;
  readonly last_report: number;
  /** ms */
  readonly delay: number;
}

/** A receiver report of all tracks, and how much the sender may send, bit/s. */
export function receiverReport(own: number, receptions: readonly Reception[], bitrate: number): Buffer {
  const report = header(receptions.length, RR, 8 + 24 * receptions.length);
  report.writeUInt32BE(own, 4);
  receptions.forEach(({ ssrc, lost, lost_in_all, highest, last_report, delay }, index) => {
    const at = 8 + 24 * index;
    report.writeUInt32BE(ssrc, at);
    report.writeUInt32BE(Math.min(0x7fffff, Math.max(0, lost_in_all)), at + 4);
    report.writeUInt8(Math.min(255, Math.max(0, Math.floor(lost * 256))), at + 4);
    report.writeUInt32BE(highest >>> 0, at + 8);
    report.writeUInt32BE(last_report, at + 16);
    report.writeUInt32BE(Math.min(0xffffffff, Math.round((delay / 1_000) * 65_536)), at + 20);
  });
  const ssrcs = receptions.map(({ ssrc }) => ssrc);
  const estimate = header(APPLICATION, PSFB, 20 + 4 * ssrcs.length);
  estimate.writeUInt32BE(own, 4);
  estimate.write("REMB", 12, "ascii");
  const exponent = Math.max(0, Math.ceil(Math.log2((bitrate + 1) / 0x40000)));
  const mantissa = Math.floor(bitrate / 2 ** exponent);
  estimate.writeUInt8(ssrcs.length, 16);
  estimate.writeUIntBE((exponent << 18) | mantissa, 17, 3);
  ssrcs.forEach((ssrc, index) => {
    estimate.writeUInt32BE(ssrc, 20 + 4 * index);
  });
  return Buffer.concat([report, estimate]);
}

/** Asks the sender for a keyframe. */
export function pictureLoss(own: number, ssrc: number): Buffer {
  const packet = header(PLI, PSFB, 12);
  packet.writeUInt32BE(own, 4);
  packet.writeUInt32BE(ssrc, 8);
  return packet;
}

/** Asks the sender for packets that are missing: `first`, and as many after it as `count` says, 17 in all at most. */
export function negativeAcknowledgement(own: number, ssrc: number, first: number, count: number): Buffer {
  const packet = header(NACK, RTPFB, 16);
  packet.writeUInt32BE(own, 4);
  packet.writeUInt32BE(ssrc, 8);
  packet.writeUInt16BE(first, 12);
  packet.writeUInt16BE((1 << Math.min(16, count - 1)) - 1, 14);
  return packet;
}

/** Answers a receiver that asked how long its packets take: it was heard this moment. */
export function delayAnswer(own: number, { ssrc, middle }: RtcpNews["times"][number]): Buffer {
  const packet = header(0, XR, 24);
  packet.writeUInt32BE(own, 4);
  packet.writeUInt8(DLRR, 8);
  packet.writeUInt16BE(3, 10);
  packet.writeUInt32BE(ssrc, 12);
  packet.writeUInt32BE(middle, 16);
  return packet;
}
