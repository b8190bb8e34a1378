import { expect, test } from "vitest";
import { readSampleEntry } from "../../../../native-host/media/sample-entry.ts";

/** A visual sample entry that holds one avcC box. */
function entry(record: readonly number[]): Uint8Array {
  const box = Buffer.alloc(8);
  box.writeUInt32BE(8 + record.length);
  box.write("avcC", 4);
  return Buffer.concat([Buffer.alloc(78), box, Buffer.from(record)]);
}

test("profile, compatibility and level stand in the name", () => {
  const record = [1, 0x42, 0xc0, 0x20, 0xff];
  expect(readSampleEntry("avc1", entry(record))).toEqual({ codec: "avc1.42c020", config: Buffer.from(record) });
});

test("an empty configuration, which no browser plays, is refused", () => {
  expect(() => readSampleEntry("avc1", entry([]))).toThrow(expect.objectContaining({ code: "ffmpeg_failed" }));
});
