// What FFmpeg copies and encodes says of which matrix it is: read back from the file, and from its video alone.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copiedColours } from "../../../../native-host/ffmpeg/colours.ts";
import { encodeArguments } from "../../../../native-host/ffmpeg/encoder-arguments.ts";
import { encoderNamed } from "../../../../native-host/ffmpeg/encoder-table.ts";
import { TRIAL_TARGET } from "../../../../native-host/ffmpeg/encoder-trial.ts";

let folder: string;
const ffmpeg = (...args: string[]) => execFileSync("ffmpeg", ["-v", "error", "-y", ...args], { cwd: folder });
const LABEL = ["-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709", "-color_range", "tv"];
const CODECS = { h264: ["libx264", "h264"], vp9: ["libvpx-vp9", "ivf"] } as const;

/** The matrix that the container says, and that the frames say once they are alone. */
function matrices(file: string, elementary: string): string[] {
  const bare = `${file}.${elementary}`;
  ffmpeg("-i", file, "-c", "copy", "-f", elementary, bare);
  return [file, bare].map((path) => {
    const what = [
      "-select_streams",
      "v:0",
      "-show_entries",
      path === file ? "stream=color_space" : "frame=color_space",
    ];
    const out = execFileSync("ffprobe", ["-v", "error", ...what, "-of", "csv=p=0", path], { cwd: folder });
    return out.toString().split(/[\n,]/)[0] ?? "";
  });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "flybrowser-colours-"));
  for (const [codec, [encoder]] of Object.entries(CODECS)) {
    const source = ["-f", "lavfi", "-i", "testsrc2=s=320x180:r=10:d=1", "-pix_fmt", "yuv420p"];
    ffmpeg(...source, "-c:v", encoder, ...LABEL, "-f", "matroska", `${codec}.mkv`); // as Chrome's recorder labels it
  }
}, 30_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const NAMES = { bt709: "bt709", bt601: "smpte170m" } as const;

test.each([
  ["h264", "bt601"],
  ["vp9", "bt601"],
  ["h264", "bt709"],
] as const)("%s is copied as %s", (codec, matrix) => {
  const file = `${codec}-${matrix}.mp4`;
  ffmpeg("-i", `${codec}.mkv`, "-c:v", "copy", ...copiedColours(codec, matrix), "-f", "mp4", file);
  expect(matrices(file, CODECS[codec][1])).toEqual([NAMES[matrix], NAMES[matrix]]);
});

test("a label that is right costs no filter", () => {
  expect(copiedColours("h264", "bt709")).toEqual([]);
});

test.each(["bt601", "bt709"] as const)("what is encoded stays %s, and says so", (matrix) => {
  const encoder = encoderNamed("libx264");
  if (!encoder) throw new Error("no libx264");
  const { output } = encodeArguments(encoder, { ...TRIAL_TARGET, matrix }, true);
  ffmpeg("-i", "h264.mkv", ...output, "-f", "mp4", `encoded-${matrix}.mp4`);
  expect(matrices(`encoded-${matrix}.mp4`, "h264")).toEqual([NAMES[matrix], NAMES[matrix]]);
});
