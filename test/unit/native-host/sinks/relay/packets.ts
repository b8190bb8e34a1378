// RTP packets for the tests of the relay.

/** Makes one. `extension`: id of a one-byte header extension with four bytes. */
export function packet({
  sequence = 0,
  ssrc = 1,
  timestamp = 0,
  marker = false,
  payload = [0x41],
  extension,
}: {
  readonly sequence?: number;
  readonly ssrc?: number;
  readonly timestamp?: number;
  readonly marker?: boolean;
  readonly payload?: readonly number[];
  readonly extension?: number;
}): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt8(extension === undefined ? 0x80 : 0x90, 0);
  header.writeUInt8((marker ? 0x80 : 0) | 102, 1);
  header.writeUInt16BE(sequence & 0xffff, 2);
  header.writeUInt32BE(timestamp, 4);
  header.writeUInt32BE(ssrc, 8);
  const extra = extension === undefined ? [] : [0xbe, 0xde, 0, 2, (extension << 4) | 3, 1, 2, 3, 4, 0, 0, 0];
  return Buffer.concat([header, Buffer.from(extra), Buffer.from(payload)]);
}
