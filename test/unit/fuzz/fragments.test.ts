// What FFmpeg might write, were it broken: real fragments with changes anywhere, as far as the playlists.
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { sizeInBand } from "../../../native-host/media/h264-size.ts";
import { renderMediaPlaylist } from "../../../native-host/packager/hls-media-playlist.ts";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { makePackager, makeRun, RENDITIONS, storeOf, streamInto, unitsOf } from "../native-host/packager/media.ts";
import { mutated, PARAMETERS, pieces, TIMEOUT } from "./runs.ts";

let head: Buffer;
beforeAll(async () => {
  const { video } = await makeRun({ seconds: 2, offset: 0 });
  head = video.subarray(0, 12_000); // ftyp, moov and the first fragments
}, 60_000);

/** The size of the last whole box's end would move with any change: only bytes are changed in place here, half of the time. */
const inPlace = (original: Buffer): fc.Arbitrary<Buffer> =>
  fc.array(fc.tuple(fc.nat({ max: original.length - 1 }), fc.nat(255)), { maxLength: 6 }).map((changes) => {
    const bytes = Buffer.from(original);
    for (const [at, byte] of changes) bytes[at] = byte;
    return bytes;
  });

test("a fragment is a unit of media or an error of ours, and playlists are written of it", { timeout: TIMEOUT }, () => {
  const bytes = fc.oneof(mutated(head), inPlace(head));
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(), { maxLength: 6 }), (changed, places) => {
      const packager = makePackager();
      const assembler = streamInto(packager)(0, [RENDITIONS.video]);
      try {
        for (const piece of pieces(changed, places)) assembler.write("video", piece);
        assembler.close();
      } catch (thrown) {
        if (!(thrown instanceof FlyBrowserError)) throw thrown;
        expect(thrown.code).toBe("ffmpeg_failed");
      }
      if (!packager.find("video")) return;
      const text = renderMediaPlaylist(packager, storeOf(packager, "video"));
      expect(text).toMatch(/^#EXTM3U\n/);
      expect(text).not.toMatch(/NaN|Infinity|undefined|EXTINF:-/);
    }),
    PARAMETERS,
  );
});

test("the samples of a fragment lie inside it, or it is refused", { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(inPlace(head), (changed) => {
      try {
        for (const unit of unitsOf(changed)) {
          for (const { data, dts } of unit.samples()) expect(data.length + dts).not.toBeNaN();
        }
      } catch (thrown) {
        if (!(thrown instanceof FlyBrowserError)) throw thrown;
      }
    }),
    PARAMETERS,
  );
});

test("parameter sets of any bytes have a size, or none", { timeout: TIMEOUT }, () => {
  const sps = Buffer.from("0000000f6742c00d8c8d40a0cfcf00f08846a0", "hex");
  const sample = fc.oneof(mutated(sps), fc.uint8Array({ maxLength: 200 }));
  fc.assert(
    fc.property(sample, fc.uint8Array({ maxLength: 8 }), (bytes, avcc) => {
      const size = sizeInBand(bytes, avcc);
      if (size) expect([size.width, size.height].every(Number.isFinite)).toBe(true);
    }),
    PARAMETERS,
  );
});
