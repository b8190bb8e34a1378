// RTP packets (RFC 3550, 5.1) as the relay sees them: read where they come in, given another payload type, SSRC and number on the way
// out. Payload and timestamp stay as they are.

const FIXED_HEADER = 12;
/** `defined by profile` of one-byte header extensions (RFC 8285, 4.2). */
const ONE_BYTE = 0xbede;
/** Types of H.264 NAL units (RFC 6184, 5.2). */
const [SPS, STAP_A] = [7, 24];

/** A packet as it came; whoever sends it writes its own numbers into `data`. */
export interface RtpPacket {
  readonly data: Buffer;
  readonly ssrc: number;
  readonly sequence: number;
  /** Last packet of its frame. */
  readonly marker: boolean;
  /** A group of pictures begins with it: whoever joins here can decode. */
  readonly begins_group: boolean;
  /** Where in `data` the first byte of the header extension stands that names its id; `null`: it has none. */
  readonly extension_at: number | null;
}

/** What a packet is sent as. */
export interface RtpNumbers {
  readonly payload_type: number;
  readonly ssrc: number;
  readonly sequence: number;
  /** Id of the header extension at the receiver. */
  readonly extension_id: number | null;
}

/** Whether a packet is of RTCP where both go by one port (RFC 5761, 4). */
export function isRtcp(data: Buffer): boolean {
  const type = data[1] ?? 0;
  return type >= 192 && type <= 223;
}

/** Reads a packet; `null`: it is none. */
export function readRtp(data: Buffer): RtpPacket | null {
  if (data.length < FIXED_HEADER) return null;
  const first = data.readUInt8(0);
  if (first >> 6 !== 2) return null;
  let at = FIXED_HEADER + 4 * (first & 0x0f);
  let extension_at: number | null = null;
  if ((first & 0x10) !== 0) {
    if (data.length < at + 4) return null;
    const words = data.readUInt16BE(at + 2);
    if (words > 0 && data.readUInt16BE(at) === ONE_BYTE) extension_at = at + 4;
    at += 4 + 4 * words;
  }
  if (data.length < at) return null;
  const second = data.readUInt8(1);
  return {
    data,
    ssrc: data.readUInt32BE(8),
    sequence: data.readUInt16BE(2),
    marker: (second & 0x80) !== 0,
    begins_group: beginsGroup(data, at),
    extension_at: extension_at !== null && extension_at < data.length ? extension_at : null,
  };
}

/** Writes the receiver's numbers into the packet; those of the packet's own fields stay true. */
export function renumber(packet: RtpPacket, numbers: RtpNumbers): Buffer {
  const { data, marker, extension_at } = packet;
  data.writeUInt8((marker ? 0x80 : 0) | numbers.payload_type, 1);
  data.writeUInt16BE(numbers.sequence, 2);
  data.writeUInt32BE(numbers.ssrc, 8);
  if (extension_at !== null && numbers.extension_id !== null) {
    data.writeUInt8((numbers.extension_id << 4) | ((data[extension_at] ?? 0) & 0x0f), extension_at);
  }
  return data;
}

/** Whether the payload, H.264, begins with the parameter sets, which our encoder sends before each keyframe. */
function beginsGroup(data: Buffer, at: number): boolean {
  const type = (data[at] ?? 0) & 0x1f;
  return type === SPS || (type === STAP_A && ((data[at + 3] ?? 0) & 0x1f) === SPS);
}

/** How far number `to` is after `from`, -32768 to 32767: numbers have 16 bits and begin again. */
export function distance(from: number, to: number): number {
  return (((to - from) & 0xffff) << 16) >> 16;
}
