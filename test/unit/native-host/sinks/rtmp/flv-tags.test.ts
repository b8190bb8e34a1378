import { describe, expect, it } from "vitest";
import { decodeAmf0 } from "../../../../../native-host/sinks/rtmp/amf0.ts";
import {
  audioFrame,
  audioHeader,
  metadata,
  videoFrame,
  videoHeader,
} from "../../../../../native-host/sinks/rtmp/flv-tags.ts";
import { readSamples } from "../../../../../native-host/sinks/rtmp/samples.ts";
import { readAudioTrack, readVideoTrack } from "../../../../../native-host/sinks/rtmp/tracks.ts";
import { AAC_CONFIG, AVC_CONFIG, audioInit, fragment, videoInit } from "../../../../fixtures/rtmp/fmp4.ts";

const h264 = readVideoTrack(videoInit());
const aac = readAudioTrack(audioInit());
const sample = (keyframe: boolean) => ({ dts: 0, pts: 0, keyframe, data: Buffer.from("data") });
const start = (bytes: Uint8Array, length: number) => Buffer.from(bytes.subarray(0, length)).toString("hex");

describe("FLV tags", () => {
  it("carry H.264: configuration, keyframe, frame, composition time of both signs", () => {
    expect(videoHeader(h264).body).toEqual(Buffer.concat([Buffer.from("1700000000", "hex"), AVC_CONFIG]));
    expect(videoFrame(h264, sample(true), 0).body).toEqual(Buffer.from("1701000000" + "64617461", "hex"));
    expect(start(videoFrame(h264, sample(false), 33).body, 5)).toBe("2701000021");
    expect(start(videoFrame(h264, sample(false), -1).body, 5)).toBe("2701ffffff");
  });

  it("carry AAC", () => {
    expect(audioHeader(aac).body).toEqual(Buffer.concat([Buffer.from("af00", "hex"), AAC_CONFIG]));
    expect(start(audioFrame(sample(true)).body, 6)).toBe("af0164617461");
  });

  it("carry H.265 and VP9 as Enhanced RTMP asks", () => {
    const [h265, vp9] = [
      { ...h264, codec: "h265" as const },
      { ...h264, codec: "vp9" as const },
    ];
    expect(start(videoHeader(h265).body, 5)).toBe("90" + "68766331");
    expect(start(videoFrame(h265, sample(true), 33).body, 12)).toBe("91" + "68766331" + "000021" + "64617461");
    expect(start(videoFrame(h265, sample(false), 0).body, 9)).toBe("a3" + "68766331" + "64617461");
    expect(start(videoHeader(vp9).body, 5)).toBe("90" + "76703039");
    expect(start(videoFrame(vp9, sample(false), 0).body, 9)).toBe("a1" + "76703039" + "64617461");
  });

  it("tell what is known of the stream, and nothing else", () => {
    const [set, name, figures] = decodeAmf0(metadata(h264, aac, { frame_rate: 30, video_bitrate: 3e6 }).body);
    expect([set, name]).toEqual(["@setDataFrame", "onMetaData"]);
    expect(figures).toMatchObject({ width: 1280, height: 720, framerate: 30, videocodecid: 7, videodatarate: 3000 });
    expect(figures).toMatchObject({ audiocodecid: 10, audiosamplerate: 48000, audiochannels: 2, stereo: true });
    expect(figures).not.toHaveProperty("audiodatarate");
    const [, , enhanced] = decodeAmf0(metadata({ ...h264, codec: "h265" }, null, {}).body);
    expect(enhanced).toMatchObject({ videocodecid: 0x68766331 });
    expect(enhanced).not.toHaveProperty("audiocodecid");
  });
});

describe("samples", () => {
  it("come with their times, flags and bytes, from several moofs and from before 0", () => {
    const spec = { duration: 40, keyframe: true, bytes: 2, composition: 80 };
    const bytes = Buffer.concat([fragment(-20, [spec, { ...spec, keyframe: false, bytes: 3 }]), fragment(60, [spec])]);
    const samples = readSamples(h264.init, bytes);
    expect(
      samples.map(({ dts, pts, keyframe, data }) => [dts, pts, keyframe, Buffer.from(data).toString("hex")]),
    ).toEqual([
      [-20, 60, true, "0000"],
      [20, 100, false, "010101"],
      [60, 140, true, "0000"],
    ]);
  });
});
