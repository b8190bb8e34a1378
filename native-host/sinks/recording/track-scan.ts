// Looks through a media file of a recording: when it begins and ends, whether it has gaps, how much of it is whole. Reads the
// headers and the beginnings of keyframes alone: a recording may be many gigabytes.
import { type FileHandle, open } from "node:fs/promises";
import { sizeInBand } from "../../media/h264-size.ts";
import { readTrack, type TrackFacts } from "../../media/init-segment.ts";
import { readFragment } from "../../media/unit.ts";

/** A media file of a recording. Times in ms on the stream's clock. */
export interface ScannedTrack {
  readonly path: string;
  readonly init: TrackFacts;
  readonly start: number;
  readonly end: number;
  /** Between two fragments nothing is heard or seen, for a moment that can be noticed. */
  readonly has_gaps: boolean;
  /** H.264 that goes on in another size than its init segment says, somewhere in the file. */
  readonly has_other_sizes: boolean;
  /** Bytes up to the end of the last whole fragment. */
  readonly whole_bytes: number;
  /** Bytes of the file. */
  readonly bytes: number;
}

/** Read at once: holds the header of a mdat and the moof behind it. */
const READ = 32 * 1024;
const BOX_HEADER = 8;
const MAX_HEAD_BOX = 4 * 1024 * 1024;
/** Bytes of a keyframe that are looked at: its parameter sets stand before the picture. */
const PARAMETER_SETS = 2 * 1024;
/** ms between two fragments that are a gap. */
const GAP = 60;

interface Box {
  readonly type: string;
  readonly at: number;
  readonly size: number;
}

/** Reads a file forward, a little at a time. */
class FileReader {
  readonly #file: FileHandle;
  #buffer = Buffer.alloc(0);
  #at = 0;

  constructor(file: FileHandle) {
    this.#file = file;
  }

  /** Bytes from a place; fewer at the end of the file. */
  async read(at: number, length: number): Promise<Buffer> {
    if (at < this.#at || at + length > this.#at + this.#buffer.length) {
      const buffer = Buffer.alloc(Math.max(READ, length));
      const { bytesRead } = await this.#file.read(buffer, 0, buffer.length, at);
      this.#buffer = buffer.subarray(0, bytesRead);
      this.#at = at;
    }
    return this.#buffer.subarray(at - this.#at, at - this.#at + length);
  }

  async box(at: number, end: number): Promise<Box | null> {
    const header = await this.read(at, BOX_HEADER);
    if (header.length < BOX_HEADER) return null;
    const size = header.readUInt32BE(0);
    return size < BOX_HEADER || at + size > end ? null : { type: header.toString("latin1", 4, 8), at, size };
  }
}

/** Looks through a file; `null`: there is not one whole fragment in it. */
export async function scanTrack(path: string): Promise<ScannedTrack | null> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (!file) return null;
  try {
    return await scan(path, file);
  } finally {
    await file.close();
  }
}

async function scan(path: string, file: FileHandle): Promise<ScannedTrack | null> {
  const { size: bytes } = await file.stat();
  const reader = new FileReader(file);
  let init: TrackFacts | null = null;
  let start: number | null = null;
  let [end, has_gaps, has_other_sizes, whole_bytes] = [0, false, false, 0];
  let moof: Box | null = null;
  for (let box = await reader.box(0, bytes); box; box = await reader.box(box.at + box.size, bytes)) {
    if (box.type === "moov" && box.size < MAX_HEAD_BOX) {
      init = readTrack(Buffer.from(await reader.read(0, box.at + box.size)));
    } else if (box.type === "moof") moof = box;
    else if (box.type === "mdat" && init && moof && moof.size < MAX_HEAD_BOX) {
      const { dts, duration, keyframe } = readFragment(init, await reader.read(moof.at, moof.size));
      if (keyframe && !has_other_sizes && init.codec.startsWith("avc")) {
        const sample = await reader.read(box.at + BOX_HEADER, Math.min(box.size - BOX_HEADER, PARAMETER_SETS));
        const size = sizeInBand(sample, init.config);
        has_other_sizes = size !== null && (size.width !== init.width || size.height !== init.height);
      }
      if (start !== null && dts - end > GAP) has_gaps = true;
      start ??= dts;
      end = dts + duration;
      whole_bytes = box.at + box.size;
      moof = null;
    }
  }
  return init && start !== null ? { path, init, start, end, has_gaps, has_other_sizes, whole_bytes, bytes } : null;
}
