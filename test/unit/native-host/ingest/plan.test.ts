// Plans: what is copied, what is encoded and by whom, which size comes out, what is refused.
import { describe, expect, it, test } from "vitest";
import type { EncoderVerdict } from "../../../../native-host/ffmpeg/encoders.ts";
import { partDuration, planStream, publishedCodec, runPlan, streamSize } from "../../../../native-host/ingest/plan.ts";
import { parseStartStreamOptions, type StartStreamOptions } from "../../../../protocol/options.ts";
import { PROFILES } from "../../../../protocol/profiles.ts";

const H264 = "video/x-matroska;codecs=avc1,opus";
const verdict = (encoder: string, works: boolean): EncoderVerdict => ({
  encoder,
  codec: "h264",
  kind: "software",
  works,
  reason: works ? "15 frames" : "no such device",
});
const WORKING = [verdict("h264_nvenc", false), verdict("libx264", true)];

function plan(
  options: StartStreamOptions,
  sent: { mime?: string; width?: number; height?: number } = {},
  more: object = {},
) {
  return planStream({
    options: parseStartStreamOptions(options),
    publisher: {
      ...{ mime_type: sent.mime ?? H264, width: sent.width ?? 1280, height: sent.height ?? 720 },
      ...{ has_audio: true, matrix: "bt709" },
    },
    verdicts: WORKING,
    cores: 2,
    overshoot: null,
    ...more,
  });
}

describe("planStream", () => {
  it("copies what the browser sends as it is wanted", () => {
    const made = plan({});
    expect(made).toMatchObject({ video: { kind: "copy" }, width: 1280, height: 720, codec: "h264", frame_rate: 30 });
    expect(made.audio).toEqual({ kind: "aac", bitrate: 128_000 });
  });

  it("encodes with the first encoder that works when codec, exact size or cap demand it", () => {
    const encoded = { kind: "encode", encoder: "libx264" };
    expect(plan({ codec: "h265" }).video).toMatchObject(encoded);
    const sized = plan({ width: 640, height: 640 });
    expect(sized).toMatchObject({
      video: { ...encoded, target: { width: 640, height: 640 } },
      width: 640,
      height: 640,
    });
    expect(plan({}, {}, { overshoot: 1.5 }).video).toMatchObject(encoded);
    expect(plan({ quality: "lossless" }, { mime: "video/webm;codecs=vp9" }).video).toMatchObject({
      ...encoded,
      target: { video_bitrate: null },
    });
  });

  it("copies VP9 for vp9, lossless too, and halves the detail only of VP9 noise", () => {
    const sent = { mime: "video/x-matroska;codecs=vp9,opus" };
    expect(plan({ codec: "vp9", quality: "lossless" }, sent).video).toMatchObject({ kind: "copy" });
    expect(plan({ codec: "vp9" }, sent, { overshoot: 2 }).video).toMatchObject({ target: { detail_divisor: 1 } });
    expect(plan({ codec: "vp9" }, sent, { overshoot: 30 }).video).toMatchObject({ target: { detail_divisor: 2 } });
    expect(plan({}, {}, { overshoot: 30 }).video).toMatchObject({ target: { detail_divisor: 1, takes_over: true } });
    expect(plan({ codec: "h265" }, {}).video).toMatchObject({ target: { takes_over: false } });
  });

  it("refuses what needs an encoder where none works, and says why and what would", () => {
    const none = { verdicts: [verdict("libx265", false)] };
    expect(() => plan({ codec: "h265" }, {}, none)).toThrowError(
      expect.objectContaining({
        code: "unsupported_combination",
        message: expect.stringContaining("libx265: no such device"),
        fix: expect.stringContaining("codec h264"),
      }),
    );
  });

  it("goes on copying under a broken cap where no encoder could hold it, and says so", () => {
    expect(plan({}, {}, { overshoot: 3, verdicts: [] })).toMatchObject({ video: { kind: "copy" }, cap_broken: true });
  });

  it("has no audio where none is asked for or sent", () => {
    expect(plan({ audio: false }).audio).toBeNull();
    const publisher = { mime_type: H264, width: 1280, height: 720, has_audio: false };
    expect(plan({}, {}, { publisher }).audio).toBeNull();
  });
});

describe("streamSize", () => {
  const tab = { width: 1366, height: 683 };
  it.each([
    [
      { width: 640, height: 640 },
      { width: 640, height: 640 },
    ],
    [{ width: 1000 }, { width: 1000, height: 500 }],
    [{ height: 500 }, { width: 1000, height: 500 }],
    [{}, { width: 1366, height: 684 }],
  ])("%j of a tab of 1366x683", (asked, size) => {
    expect(streamSize(asked, PROFILES.high, tab)).toEqual(size);
  });
  it("fits a larger tab into the box and never enlarges", () => {
    expect(streamSize({}, PROFILES.medium, { width: 2560, height: 1440 })).toEqual({ width: 1280, height: 720 });
    expect(streamSize({}, PROFILES.medium, { width: 720, height: 1440 })).toEqual({ width: 360, height: 720 });
    expect(streamSize({}, PROFILES.studio, { width: 300, height: 200 })).toEqual({ width: 300, height: 200 });
    expect(streamSize({}, PROFILES.lossless, { width: 5000, height: 3000 })).toEqual({ width: 5000, height: 3000 });
  });
  it("takes Chrome's rounding of the side that was not asked for, but not of the other", () => {
    expect(plan({ width: 1000 }, { width: 1000, height: 560 }).video.kind).toBe("copy");
    expect(plan({ width: 1000 }, { width: 998, height: 562 }).video.kind).toBe("encode");
  });
});

describe("publishedCodec", () => {
  it.each([
    [H264, "h264"],
    ["video/webm;codecs=h264,opus", "h264"],
    ["video/webm;codecs=vp9,opus", "vp9"],
    ['video/mp4;codecs="hvc1.1.6.L93.B0,mp4a.40.2"', "h265"],
    ["video/webm;codecs=vp8", null],
    ["video/webm", null],
  ])("%s is %s", (mime, codec) => expect(publishedCodec(mime)).toBe(codec));
});

describe("runPlan", () => {
  it("lists the renditions: the video as it will be, and audio where there is any", () => {
    const { renditions } = runPlan(plan({ quality: "medium" }), 1.5, true);
    expect(renditions.map(({ rendition }) => rendition)).toEqual([
      { id: "video", type: "video", group: "video", codec: "h264", width: 1280, height: 720, bitrate: 1_500_000 },
      { id: "audio", type: "audio", group: "audio", codec: "aac", width: null, height: null, bitrate: 96_000 },
    ]);
    expect(runPlan(plan({ audio: false }), 0, true).renditions).toHaveLength(1);
  });

  it("gives the sound on as it came, too, where media are handed on as they come", () => {
    const codecs = (options: Parameters<typeof plan>[0]) =>
      runPlan(plan(options), 0, true).renditions.map(({ rendition }) => rendition.codec);
    expect(codecs({ quality: "ultra_low_latency" })).toEqual(["h264", "aac", "opus"]);
    expect(codecs({ quality: "ultra_low_latency", audio: false })).toEqual(["h264"]);
  });
});

test("parts are longer at low frame rates", () => {
  expect(partDuration(parseStartStreamOptions())).toBe(150);
  expect(partDuration(parseStartStreamOptions({ quality: "low_bandwidth" }))).toBe(200);
});
