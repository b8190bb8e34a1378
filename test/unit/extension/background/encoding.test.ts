import { describe, expect, it } from "vitest";
import { captureRequest } from "../../../../extension/background/encoding.ts";
import { videoConstraints } from "../../../../extension/offscreen/capture-size.ts";
import { parseStartStreamOptions } from "../../../../protocol/options.ts";

const CAPTURE = { stream_id: "s", media_stream_id: "m", first_run: 0, private: false, muted: false };
const request = (options: object) => captureRequest(CAPTURE, parseStartStreamOptions(options));

describe("captureRequest", () => {
  it("takes box, rate and bitrate from the profile", () => {
    expect(request({ quality: "low_bandwidth" })).toMatchObject({
      width: 854,
      height: 480,
      exact: false,
      frame_rate: 15,
      keyframe_interval: 2000,
      video_bitrate: 500_000,
    });
  });
  it("is exact when both sides are given", () => {
    expect(request({ width: 640, height: 360, frame_rate: 5 })).toMatchObject({
      width: 640,
      height: 360,
      exact: true,
      frame_rate: 5,
    });
  });
  it("asks for less than the cap of what is copied, and for more of what is encoded again", () => {
    expect(request({})).toMatchObject({ recorder: "h264", recorder_bitrate: 2_700_000, video_bitrate: 3_000_000 });
    expect(request({ codec: "h265" })).toMatchObject({ recorder: "h264", recorder_bitrate: 12_000_000 });
    expect(request({ codec: "vp9" })).toMatchObject({ recorder: "vp9", recorder_bitrate: 2_700_000 });
    expect(request({ quality: "lossless" }).recorder).toBe("vp9_quantizer");
  });
  it("leaves the other side open when one is given", () => {
    expect(request({ width: 640 })).toMatchObject({ width: 640, height: null, exact: false });
  });
});

describe("videoConstraints", () => {
  it("keeps min below max for a box, so that Chrome follows the tab's shape", () => {
    const { mandatory } = videoConstraints(request({ quality: "medium" }), null);
    expect(mandatory).toMatchObject({ minWidth: 16, maxWidth: 1280, minHeight: 16, maxHeight: 720, maxFrameRate: 30 });
    expect(mandatory).not.toHaveProperty("minFrameRate"); // Chrome would repeat a still picture that often
  });
  it("has min equal max for an exact size", () => {
    const { mandatory } = videoConstraints(request({ width: 640, height: 360 }), null);
    expect(mandatory).toMatchObject({ minWidth: 640, maxWidth: 640, minHeight: 360, maxHeight: 360 });
  });
});
