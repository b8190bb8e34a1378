// Pictures of both matrices, made by FFmpeg.
import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { matrixOfPicture, type Planes } from "../../../../extension/offscreen/colour-matrix.ts";

const [width, height] = [320, 180];

/** A picture of FFmpeg's source `from`, converted with a matrix. */
function picture(from: string, matrix: "bt709" | "bt601", format: Planes["format"] = "I420"): Planes {
  const pixels = format === "I420" ? "yuv420p" : "nv12";
  const scale = `format=rgb24,scale=out_color_matrix=${matrix}:out_range=tv,format=${pixels}`;
  const args = ["-v", "error", "-f", "lavfi", "-i", `${from}=s=${width}x${height}`, "-frames:v", "1"];
  const data = execFileSync("ffmpeg", [...args, "-vf", scale, "-f", "rawvideo", "-"], { maxBuffer: 1 << 24 });
  return { format, width, height, data };
}

describe.each(["bt709", "bt601"] as const)("a picture of %s", (matrix) => {
  test.each(["red", "lime", "blue", "yellow", "cyan", "#fa0a0a"])("is told by %s", (colour) => {
    expect(matrixOfPicture(picture(`color=${colour}:r=1:d=1,format=rgb24,scale`, matrix))).toBe(matrix);
  });

  test("is told by a test card, in both layouts", () => {
    expect(matrixOfPicture(picture("testsrc2", matrix))).toBe(matrix);
    expect(matrixOfPicture(picture("testsrc2", matrix, "NV12"))).toBe(matrix);
  });

  test.each(["gray", "white", "#735244", "#627a9d", "#bb5695"])("isn't guessed from %s", (colour) => {
    expect(matrixOfPicture(picture(`color=${colour}:r=1:d=1,format=rgb24,scale`, matrix))).toBeNull();
  });

  test("isn't guessed from noise, where chroma belongs to no pixel", () => {
    expect(matrixOfPicture(picture("color=gray:r=1:d=1,format=rgb24,noise=alls=100:allf=t,scale", matrix))).toBeNull();
  });
});
