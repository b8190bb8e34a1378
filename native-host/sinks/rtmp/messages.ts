// RTMP's messages: their numbers, and the bodies of those that control the connection (RTMP 1.0, sections 5.4, 6 and 7).
import { type AmfValue, encodeAmf0 } from "./amf0.ts";

/** A message, whole. */
export interface RtmpMessage {
  /** See {@link MESSAGE}. */
  readonly type: number;
  /** 0 for the connection itself, else the id that createStream gave. */
  readonly streamId: number;
  /** ms */
  readonly timestamp: number;
  readonly body: Uint8Array;
}

/** Type numbers of messages. */
export const MESSAGE = {
  setChunkSize: 1,
  abort: 2,
  acknowledgement: 3,
  userControl: 4,
  windowSize: 5,
  peerBandwidth: 6,
  audio: 8,
  video: 9,
  data: 18,
  command: 20,
} as const;

/** Numbers of user control events. */
export const USER_CONTROL = { pingRequest: 6, pingResponse: 7 } as const;

/** Chunk stream ids, one for each kind of message, as other publishers use them. */
export const CHUNK_STREAM = { control: 2, command: 3, audio: 4, data: 5, video: 6 } as const;

function uint32(value: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeUInt32BE(value >>> 0);
  return body;
}

/** Says how large this side's chunks are from here on. */
export function setChunkSize(bytes: number): RtmpMessage {
  return { type: MESSAGE.setChunkSize, streamId: 0, timestamp: 0, body: uint32(bytes) };
}

/** Says after how many bytes this side wants an acknowledgement. */
export function windowSize(bytes: number): RtmpMessage {
  return { type: MESSAGE.windowSize, streamId: 0, timestamp: 0, body: uint32(bytes) };
}

/** Says how many bytes have come in so far. */
export function acknowledgement(bytes: number): RtmpMessage {
  return { type: MESSAGE.acknowledgement, streamId: 0, timestamp: 0, body: uint32(bytes) };
}

/** Answers a ping; `stamp` is what came with it. */
export function pingResponse(stamp: Uint8Array): RtmpMessage {
  const body = Buffer.concat([Buffer.from([0, USER_CONTROL.pingResponse]), stamp.subarray(0, 4)]);
  return { type: MESSAGE.userControl, streamId: 0, timestamp: 0, body };
}

/** A command with its arguments. */
export function command(streamId: number, name: string, transaction: number, ...values: AmfValue[]): RtmpMessage {
  return { type: MESSAGE.command, streamId, timestamp: 0, body: encodeAmf0(name, transaction, ...values) };
}
