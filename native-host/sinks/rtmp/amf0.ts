// AMF0, the form of RTMP's commands and metadata (Adobe's "Action Message Format, AMF 0").
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { type Sentence, sentence } from "../../../protocol/sentence.ts";

/** A value that AMF0 can carry here. */
export type AmfValue =
  | number
  | boolean
  | string
  | null
  | undefined
  | EcmaArray
  | AmfValue[]
  | { [key: string]: AmfValue };

/** An object that is written as an ECMA array, as `onMetaData` wants it. Read back as a plain object. */
export class EcmaArray {
  constructor(readonly entries: Record<string, AmfValue>) {}
}

const NUMBER = 0;
const BOOLEAN = 1;
const STRING = 2;
const OBJECT = 3;
const NULL = 5;
const UNDEFINED = 6;
const ECMA_ARRAY = 8;
const OBJECT_END = 9;
const STRICT_ARRAY = 10;
const DATE = 11;
const LONG_STRING = 12;
/** Deeper nesting, and longer arrays, are no honest server's answer. */
const MAX_DEPTH = 16;
const MAX_ITEMS = 4096;

/** The bytes of the values, one after the other. */
export function encodeAmf0(...values: AmfValue[]): Buffer {
  return Buffer.concat(values.map(encodeValue));
}

function encodeValue(value: AmfValue): Buffer {
  if (value === null) return Buffer.from([NULL]);
  if (value === undefined) return Buffer.from([UNDEFINED]);
  if (typeof value === "number") {
    const bytes = Buffer.alloc(9);
    bytes.writeDoubleBE(value, 1);
    return bytes;
  }
  if (typeof value === "boolean") return Buffer.from([BOOLEAN, value ? 1 : 0]);
  if (typeof value === "string") return encodeString(value);
  if (Array.isArray(value))
    return Buffer.concat([Buffer.from([STRICT_ARRAY]), uint32(value.length), encodeAmf0(...value)]);
  if (value instanceof EcmaArray) {
    const count = uint32(Object.keys(value.entries).length);
    return Buffer.concat([Buffer.from([ECMA_ARRAY]), count, encodeEntries(value.entries)]);
  }
  return Buffer.concat([Buffer.from([OBJECT]), encodeEntries(value)]);
}

function encodeString(value: string): Buffer {
  const text = Buffer.from(value, "utf8");
  if (text.length > 0xffff) return Buffer.concat([Buffer.from([LONG_STRING]), uint32(text.length), text]);
  return Buffer.concat([Buffer.from([STRING, text.length >> 8, text.length & 0xff]), text]);
}

function encodeEntries(entries: Record<string, AmfValue>): Buffer {
  const parts: Buffer[] = [];
  for (const [name, value] of Object.entries(entries)) {
    // A name is a short string without its marker.
    parts.push(encodeString(name).subarray(1), encodeValue(value));
  }
  return Buffer.concat([...parts, Buffer.from([0, 0, OBJECT_END])]);
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/**
 * All values in the bytes.
 * @throws FlyBrowserError `rtmp_invalid_answer` where they are cut off or not AMF0.
 */
export function decodeAmf0(bytes: Uint8Array): AmfValue[] {
  const reader = new Amf0Reader(bytes);
  const values: AmfValue[] = [];
  while (!reader.done) values.push(reader.value(0));
  return values;
}

class Amf0Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get done(): boolean {
    return this.#at >= this.#bytes.length;
  }

  value(depth: number): AmfValue {
    if (depth > MAX_DEPTH) throw invalid(sentence("rtmp.deep_values"));
    const marker = this.#take(1).readUInt8();
    switch (marker) {
      case NUMBER:
        return this.#take(8).readDoubleBE();
      case BOOLEAN:
        return this.#take(1).readUInt8() !== 0;
      case STRING:
        return this.#text(this.#take(2).readUInt16BE());
      case LONG_STRING:
        return this.#text(this.#take(4).readUInt32BE());
      case NULL:
        return null;
      case UNDEFINED:
        return undefined;
      case ECMA_ARRAY:
        this.#take(4); // the count is a hint only
        return this.#entries(depth);
      case OBJECT:
        return this.#entries(depth);
      case STRICT_ARRAY: {
        const length = this.#take(4).readUInt32BE();
        if (length > MAX_ITEMS) throw invalid(sentence("rtmp.long_array"));
        return Array.from({ length }, () => this.value(depth + 1));
      }
      case DATE: {
        const time = this.#take(8).readDoubleBE();
        this.#take(2); // time zone, unused by the specification
        return time;
      }
      default:
        throw invalid(sentence("rtmp.unknown_value", { type: marker }));
    }
  }

  #entries(depth: number): Record<string, AmfValue> {
    const entries: Record<string, AmfValue> = {};
    for (let count = 0; count <= MAX_ITEMS; count++) {
      const name = this.#text(this.#take(2).readUInt16BE());
      if (name === "" && this.#bytes[this.#at] === OBJECT_END) {
        this.#at += 1;
        return entries;
      }
      const value = this.value(depth + 1);
      // A name such as __proto__ becomes a field like any other.
      Object.defineProperty(entries, name, { value, enumerable: true, configurable: true, writable: true });
    }
    throw invalid(sentence("rtmp.many_fields"));
  }

  #text(length: number): string {
    return this.#take(length).toString("utf8");
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw invalid(sentence("rtmp.cut_value"));
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

function invalid(reason: Sentence): FlyBrowserError {
  return new FlyBrowserError("rtmp_invalid_answer", { reason });
}
