import { describe, expect, it } from "vitest";
import { preferCodecs, withStartBitrate } from "../../../../extension/offscreen/webrtc-sdp.ts";

const OFFER = [
  "v=0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 0",
  "a=rtpmap:111 opus/48000/2",
  "a=fmtp:111 minptime=10",
  "m=video 9 UDP/TLS/RTP/SAVPF 45 98 96 97 104 108",
  "a=rtpmap:45 AV1/90000",
  "a=fmtp:45 profile=0",
  "a=rtpmap:98 VP9/90000",
  "a=fmtp:98 profile-id=0",
  "a=rtpmap:96 VP8/90000",
  "a=rtpmap:97 rtx/90000",
  "a=fmtp:97 apt=96",
  "a=rtpmap:104 H264/90000",
  "a=fmtp:104 packetization-mode=0;profile-level-id=42001f",
  "a=rtpmap:108 H264/90000",
  "a=fmtp:108 packetization-mode=1;profile-level-id=42e01f",
  "",
].join("\r\n");

const videoLine = (sdp: string) => sdp.split("\r\n").find((line) => line.startsWith("m=video"));

describe("preferCodecs", () => {
  it("puts what our encoder makes first, then other H.264, VP8, VP9, and the rest in its order", () => {
    expect(videoLine(preferCodecs(OFFER))).toBe("m=video 9 UDP/TLS/RTP/SAVPF 108 104 96 98 45 97");
  });
  it("changes nothing else", () => {
    const others = (sdp: string) => sdp.split("\r\n").filter((line) => !line.startsWith("m=video"));
    expect(others(preferCodecs(OFFER))).toEqual(others(OFFER));
  });
  it("leaves the order of a viewer without H.264, VP8 and VP9 as it is", () => {
    const odd = "v=0\r\nm=video 9 RTP/SAVPF 45 97\r\na=rtpmap:45 AV1/90000\r\na=rtpmap:97 rtx/90000\r\n";
    expect(preferCodecs(odd)).toBe(odd);
  });
});

describe("withStartBitrate", () => {
  it("stands at each codec that we send, and nowhere else", () => {
    const lines = withStartBitrate(OFFER, 1_500_000).split("\r\n");
    expect(lines.filter((line) => line.includes("x-google"))).toEqual([
      "a=fmtp:98 profile-id=0;x-google-start-bitrate=1500",
      "a=fmtp:96 x-google-start-bitrate=1500",
      "a=fmtp:104 packetization-mode=0;profile-level-id=42001f;x-google-start-bitrate=1500",
      "a=fmtp:108 packetization-mode=1;profile-level-id=42e01f;x-google-start-bitrate=1500",
    ]);
    expect(lines.length).toBe(OFFER.split("\r\n").length + 1);
  });
});
