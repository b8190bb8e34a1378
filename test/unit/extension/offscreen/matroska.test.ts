// What the recorder writes of a picture is read frame by frame, however it comes, and written again with its sound.
import { expect, test } from "vitest";
import { children, element, ID, joined, sizeField, UNKNOWN_SIZE, uint } from "../../../../extension/offscreen/ebml.ts";
import { MatroskaReader, type VideoBlock } from "../../../../extension/offscreen/matroska-reader.ts";
import { MatroskaWriter } from "../../../../extension/offscreen/matroska-writer.ts";

const EBML = element(ID.ebml, Uint8Array.of(0x42, 0x86, 0x81, 0x01));
const INFO = element(ID.info, Uint8Array.of(0x2a, 0xd7, 0xb1, 0x83, 0x0f, 0x42, 0x40));
const TRACK = element(ID.track, element(ID.track_number, uint(1)), element(ID.track_type, uint(1)));
const VOID = element(0xec, new Uint8Array(300));

const open = (id: number) => joined([uint(id), UNKNOWN_SIZE]);
const block = (offset: number, flags: number, data: readonly number[]) =>
  Uint8Array.of(0x81, (offset >> 8) & 0xff, offset & 0xff, flags, ...data);

const RECORDED = joined([
  ...[EBML, open(ID.segment), VOID, INFO, element(ID.tracks, TRACK)],
  ...[open(ID.cluster), element(ID.timestamp, uint(0))],
  ...[element(ID.simple_block, block(0, 0x80, [1, 2, 3])), element(ID.simple_block, block(33, 0, [4]))],
  ...[open(ID.cluster), element(ID.timestamp, uint(70_000))],
  element(ID.simple_block, block(-10, 0, Array(300).fill(5))),
  element(ID.block_group, element(ID.block, block(33, 0, [6])), element(ID.reference_block, uint(33))),
  element(ID.block_group, element(ID.block, block(66, 0, [7]))),
]);

function readIn(pieces: number, bytes: Uint8Array): { reader: MatroskaReader; blocks: VideoBlock[] } {
  const reader = new MatroskaReader();
  const length = Math.ceil(bytes.length / pieces);
  const blocks = Array.from({ length: pieces }, (_, index) => bytes.slice(index * length, (index + 1) * length));
  return { reader, blocks: blocks.flatMap((piece) => reader.read(piece)) };
}

test.each([1, 7, RECORDED.length])("frames, their times and keyframes, in %i pieces", (pieces) => {
  const { blocks, reader } = readIn(pieces, RECORDED);
  expect(blocks.map(({ time, keyframe, data }) => [time, keyframe, data[0], data.length])).toEqual([
    [0, true, 1, 3],
    [33, false, 4, 1],
    [69_990, false, 5, 300],
    [70_033, false, 6, 1],
    [70_066, true, 7, 1],
  ]);
  expect(reader.head).toEqual({ ebml: EBML, info: INFO, track: TRACK, track_number: 1 });
});

test("a frame that isn't whole waits", () => {
  const reader = new MatroskaReader();
  expect(reader.read(RECORDED.slice(0, -1))).toHaveLength(4);
  expect(reader.read(RECORDED.slice(-1))).toHaveLength(1);
});

test("what isn't Matroska, and elements of an impossible size, are refused", () => {
  expect(() => new MatroskaReader().read(new Uint8Array(20))).toThrow("no EBML element");
  const huge = joined([uint(ID.info), Uint8Array.of(0x01, 0, 0, 1, 0, 0, 0, 0)]);
  expect(() => new MatroskaReader().read(huge)).toThrow("bytes");
  expect(() => new MatroskaReader().read(joined([uint(ID.info), UNKNOWN_SIZE]))).toThrow("has no size");
  expect(() => new MatroskaReader().read(element(ID.tracks))).toThrow("without a track");
});

test("picture and sound are written in one stream that reads as what was given", () => {
  const { blocks, reader } = readIn(1, RECORDED);
  if (!reader.head) throw new Error("no head");
  const writer = new MatroskaWriter(reader.head, true);
  const written: Uint8Array[] = [];
  for (const each of blocks) {
    writer.video(each);
    writer.sound(each.time + 5.4, Uint8Array.of(0xfc, 0xff, 0xfe));
    expect(writer.waits).toBe(true);
    written.push(writer.take());
    expect(writer.waits).toBe(false);
  }
  const again = readIn(9, joined(written)).blocks;
  expect(again.filter((_, index) => index % 2 === 0)).toEqual(blocks);
  expect(again.filter((_, index) => index % 2 === 1).map(({ time }) => time)).toEqual(
    blocks.map(({ time }) => Math.round(time + 5.4)),
  );
  const [first = new Uint8Array(0)] = written;
  const tracks = children(first.slice(EBML.length + 12)).find(({ id }) => id === ID.tracks);
  const [video, sound] = children(tracks?.content ?? new Uint8Array(0));
  expect(video?.whole).toEqual(TRACK);
  const opus = new Map(children(sound?.content ?? new Uint8Array(0)).map(({ id, content }) => [id, content]));
  expect(opus.get(ID.track_number)).toEqual(Uint8Array.of(2));
  expect(new TextDecoder().decode(opus.get(ID.codec))).toBe("A_OPUS");
  expect(opus.get(ID.codec_private)).toHaveLength(19);
});

test("a block far from its cluster begins another one", () => {
  const writer = new MatroskaWriter({ ebml: EBML, info: INFO, track: TRACK, track_number: 1 }, false);
  writer.video({ time: 0, keyframe: true, data: Uint8Array.of(1) });
  writer.video({ time: 3_600_000, keyframe: false, data: Uint8Array.of(2) });
  const times = new MatroskaReader().read(writer.take()).map(({ time }) => time);
  expect(times).toEqual([0, 3_600_000]);
});

test("sizes up to the largest frame", () => {
  expect(sizeField(20_000_000)).toEqual(Uint8Array.of(0x11, 0x31, 0x2d, 0x00));
});
