// A WebSocket message of a server as it goes over the wire (RFC 6455 5.2), made once for all who get it.

const TEXT = 0x1;
const BINARY = 0x2;
/** It is the whole message. */
const FIN = 0x80;

/** The frame of a message: text, or pieces of a binary one. Servers don't mask. */
export function websocketFrame(message: string | readonly Uint8Array[]): Buffer {
  const pieces = typeof message === "string" ? [Buffer.from(message)] : message;
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return Buffer.concat([head(typeof message === "string" ? TEXT : BINARY, length), ...pieces]);
}

function head(opcode: number, length: number): Buffer {
  if (length < 126) return Buffer.from([FIN | opcode, length]);
  if (length < 0x1_0000) return Buffer.from([FIN | opcode, 126, length >> 8, length & 0xff]);
  const long = Buffer.alloc(10);
  long[0] = FIN | opcode;
  long[1] = 127;
  long.writeBigUInt64BE(BigInt(length), 2);
  return long;
}
