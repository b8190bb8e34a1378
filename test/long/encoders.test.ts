// libx265 and libvpx-vp9 of the real FFmpeg on hard content with uneven timing, and low bitrates. libx264: test/host/encoders.test.ts.
import { rm } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { encode, holdsCap, keepsTextCrisp, makeSources, peak } from "../host/harness/encoded.ts";

let folder = "";

beforeAll(async () => {
  ({ folder } = await makeSources());
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe.each(["libx265", "libvpx-vp9"])("%s", (name) => {
  it("holds the cap on noise with uneven timing", () => holdsCap(name));
  it("keeps a page of text crisp", () => keepsTextCrisp(name));
});

it.each(["libx264", "libvpx-vp9"])("%s holds 500 kbit/s on noise at 854x480", async (name) => {
  const soft = name === "libvpx-vp9" ? 2 : 1;
  const { packets } = await encode(name, "noise", {
    width: 854,
    height: 480,
    frame_rate: 15,
    video_bitrate: 500_000,
    detail_divisor: soft,
  });
  expect(peak(packets, 4)).toBeLessThanOrEqual(500_000 * 1.1);
});
