// What Enhanced RTMP carries, from what FFmpeg really writes: configuration records and frames of h265 and vp9, and
// frames out of order. nginx's module knows none of these, so the check is the bytes themselves.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { FragmentReader } from "../../native-host/media/fragment-reader.ts";
import { FlvMuxer, type TimedTag } from "../../native-host/sinks/rtmp/flv-muxer.ts";
import type { VideoCodec } from "../../native-host/sinks/rtmp/flv-tags.ts";
import { VIDEO } from "../fixtures/rtmp/fmp4.ts";
import { Cleanup, runToEnd, temporaryFolder } from "../fixtures/rtmp/processes.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run());

/** The messages for a second of video by an encoder. */
async function tags(codec: VideoCodec, encoder: string[]): Promise<TimedTag[]> {
  const file = join(await temporaryFolder(cleanup), "video.mp4");
  const source = ["-loglevel", "error", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=30:d=1", "-pix_fmt", "yuv420p"];
  const fragments = ["-movflags", "empty_moov+default_base_moof+frag_keyframe", "-frag_duration", "150000"];
  const made = await runToEnd(
    process.env.FLYBROWSER_FFMPEG ?? "ffmpeg",
    [...source, ...encoder, ...fragments, file],
    20_000,
  );
  expect(made).toEqual({ status: 0, text: "" });
  const muxer = new FlvMuxer(codec, 30);
  muxer.openConnection();
  const all: TimedTag[] = [];
  const reader = new FragmentReader({
    rendition: { ...VIDEO, codec },
    run: 0,
    onInit: (init) => muxer.openRun({ run: 0, inits: [init] }),
    onUnit: (unit) => all.push(...muxer.write(unit)),
  });
  reader.write(await readFile(file));
  return all;
}

const video = (all: TimedTag[]) => all.filter(({ type }) => type === 9);
const hex = (tag: TimedTag | undefined, from: number, to: number) => tag?.body.toString("hex", from, to);

describe("FLV of real encoders", () => {
  it("carries h265 with its hvcC record", async () => {
    const [header, first, ...rest] = video(
      await tags("h265", ["-c:v", "libx265", "-x265-params", "log-level=none:bframes=2", "-tag:v", "hvc1"]),
    );
    expect(hex(header, 0, 6)).toBe("90687663310" + "1"); // sequence start, hvc1, record of version 1
    expect(hex(first, 0, 1)).toMatch(/91|93/); // a keyframe, with or without composition time
    expect(rest).toHaveLength(29);
    expect(rest.every(({ body }) => ((body[0] ?? 0) & 0x70) === 0x20)).toBe(true); // none of them a keyframe
  });

  it("carries vp9 with its vpcC record", async () => {
    const [header, first, ...rest] = video(
      await tags("vp9", ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"]),
    );
    expect(hex(header, 0, 5)).toBe("9076703039");
    // Profile 0, 8 bit, 4:2:0; no version and flags of the box in front of it.
    expect(header?.body[5]).toBe(0);
    expect((header?.body[7] ?? 0) >> 4).toBe(8);
    expect(header?.body).toHaveLength(5 + 8);
    expect(hex(first, 0, 5)).toBe("9176703039");
    expect(rest).toHaveLength(29);
  });

  it("keeps frames that are shown in another order in the order of decoding, with their composition time", async () => {
    const [, ...frames] = video(await tags("h264", ["-c:v", "libx264", "-bf", "2", "-preset", "fast"]));
    const times = frames.map(({ timestamp }) => timestamp);
    expect(times).toEqual([...times].sort((a, b) => a - b));
    const shown = frames.map(({ timestamp, body }) => timestamp + body.readIntBE(2, 3)).sort((a, b) => a - b);
    const steps = shown.slice(1).map((time, index) => time - (shown[index] ?? 0));
    expect(Math.min(...steps)).toBeGreaterThanOrEqual(33);
    expect(Math.max(...steps)).toBeLessThanOrEqual(34);
    expect(shown).not.toEqual(frames.map(({ timestamp, body }) => timestamp + body.readIntBE(2, 3)));
  });
});
