import { describe, expect, it } from "vitest";
import { decodeAmf0 } from "../../../../../native-host/sinks/rtmp/amf0.ts";
import {
  audioFrame,
  audioHeader,
  metadata,
  videoFrame,
  videoHeader,
} from "../../../../../native-host/sinks/rtmp/flv-tags.ts";
import { AAC_CONFIG, AUDIO, AVC_CONFIG, initOf, VIDEO } from "../../../../fixtures/rtmp/fmp4.ts";

const [video, audio] = [initOf(VIDEO), initOf(AUDIO)];
const sample = (keyframe: boolean) => ({ dts: 0, pts: 0, keyframe, data: Buffer.from("data") });
const start = (bytes: Uint8Array, length: number) => Buffer.from(bytes.subarray(0, length)).toString("hex");

describe("FLV tags", () => {
  it("carry H.264: configuration, keyframe, frame, composition time of both signs", () => {
    expect(videoHeader("h264", video).body).toEqual(Buffer.concat([Buffer.from("1700000000", "hex"), AVC_CONFIG]));
    expect(videoFrame("h264", sample(true), 0).body).toEqual(Buffer.from("1701000000" + "64617461", "hex"));
    expect(start(videoFrame("h264", sample(false), 33).body, 5)).toBe("2701000021");
    expect(start(videoFrame("h264", sample(false), -1).body, 5)).toBe("2701ffffff");
  });

  it("carry AAC", () => {
    expect(audioHeader(audio).body).toEqual(Buffer.concat([Buffer.from("af00", "hex"), AAC_CONFIG]));
    expect(start(audioFrame(sample(true)).body, 6)).toBe("af0164617461");
  });

  it("carry H.265 and VP9 as Enhanced RTMP asks", () => {
    expect(start(videoHeader("h265", video).body, 5)).toBe("90" + "68766331");
    expect(start(videoFrame("h265", sample(true), 33).body, 12)).toBe("91" + "68766331" + "000021" + "64617461");
    expect(start(videoFrame("h265", sample(false), 0).body, 9)).toBe("a3" + "68766331" + "64617461");
    expect(start(videoHeader("vp9", video).body, 5)).toBe("90" + "76703039");
    expect(start(videoFrame("vp9", sample(false), 0).body, 9)).toBe("a1" + "76703039" + "64617461");
  });

  it("tell what is known of the stream, and nothing else", () => {
    const [set, name, entries] = decodeAmf0(metadata("h264", video, audio, 30).body);
    expect([set, name]).toEqual(["@setDataFrame", "onMetaData"]);
    expect(entries).toMatchObject({ width: 1280, height: 720, framerate: 30, videocodecid: 7, videodatarate: 3000 });
    expect(entries).toMatchObject({ audiocodecid: 10, audiosamplerate: 48000, audiochannels: 2, stereo: true });
    expect(entries).toMatchObject({ audiodatarate: 128 });
    const uncapped = { ...video, rendition: { ...VIDEO, bitrate: null } };
    const [, , enhanced] = decodeAmf0(metadata("h265", uncapped, null, 30).body);
    expect(enhanced).toMatchObject({ videocodecid: 0x68766331 });
    expect(enhanced).not.toHaveProperty("videodatarate");
    expect(enhanced).not.toHaveProperty("audiocodecid");
  });
});
