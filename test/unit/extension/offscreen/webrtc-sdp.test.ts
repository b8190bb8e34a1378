import { describe, expect, it } from "vitest";
import { prepareOffer } from "../../../../extension/offscreen/webrtc-sdp.ts";

const SESSION = ["v=0", "o=- 4611732743928476159 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1"];
const OFFER = [
  ...SESSION,
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 0",
  "c=IN IP4 0.0.0.0",
  "a=mid:0",
  "a=rtpmap:111 opus/48000/2",
  "a=fmtp:111 minptime=10",
  "m=video 9 UDP/TLS/RTP/SAVPF 45 98 96 97 104 108",
  "c=IN IP4 0.0.0.0",
  "a=mid:1",
  "a=ice-ufrag:Zk0t",
  "a=fingerprint:sha-256 AB:CD",
  "a=extmap:4 urn:3gpp:video-orientation",
  "a=recvonly",
  "a=rtcp-mux",
  "a=rtpmap:45 AV1/90000",
  "a=fmtp:45 profile=0",
  "a=rtpmap:98 VP9/90000",
  "a=rtcp-fb:98 nack pli",
  "a=fmtp:98 profile-id=0",
  "a=rtpmap:96 VP8/90000",
  "a=rtpmap:97 rtx/90000",
  "a=fmtp:97 apt=96",
  "a=rtpmap:104 H264/90000",
  "a=fmtp:104 packetization-mode=0;profile-level-id=42001f",
  "a=rtpmap:108 H264/90000",
  "a=fmtp:108 packetization-mode=1;profile-level-id=42e01f",
  "a=something-new:of tomorrow",
  "",
].join("\r\n");

const lines = (sdp: string) => sdp.split("\r\n");
const videoLine = (sdp: string) => lines(sdp).find((line) => line.startsWith("m=video"));

describe("a viewer's offer", () => {
  const prepared = prepareOffer(OFFER, 1_500_000);

  it("has what our encoder makes first, then other H.264, VP8, VP9, and the rest in its order", () => {
    expect(videoLine(prepared)).toBe("m=video 9 UDP/TLS/RTP/SAVPF 108 104 96 98 45 97");
  });

  it("has the bitrate of the start at each codec that we send, and nowhere else", () => {
    expect(lines(prepared).filter((line) => line.includes("x-google"))).toEqual(
      expect.arrayContaining([
        "a=fmtp:98 profile-id=0;x-google-start-bitrate=1500",
        "a=fmtp:96 x-google-start-bitrate=1500",
        "a=fmtp:104 packetization-mode=0;profile-level-id=42001f;x-google-start-bitrate=1500",
        "a=fmtp:108 packetization-mode=1;profile-level-id=42e01f;x-google-start-bitrate=1500",
      ]),
    );
    expect(lines(prepared).filter((line) => line.includes("x-google"))).toHaveLength(4);
  });

  it("says all else as before, section by section", () => {
    const rest = (sdp: string) =>
      sdp.split(/^(?=m=)/m).map((section) =>
        lines(section)
          .filter((line) => !line.startsWith("m=video") && line !== "a=fmtp:96 x-google-start-bitrate=1500")
          .map((line) => line.replace(";x-google-start-bitrate=1500", ""))
          .sort(),
      );
    expect(rest(prepared)).toEqual(rest(OFFER));
  });

  it("without H.264, VP8 and VP9 keeps its order", () => {
    const two = ["m=video 9 RTP/SAVPF 45 97", "a=rtpmap:45 AV1/90000", "a=rtpmap:97 rtx/90000", ""];
    const one = ["m=video 9 RTP/SAVPF 45", "a=rtpmap:45 AV1/90000", ""];
    for (const video of [two, one]) {
      const odd = [...SESSION, ...video].join("\r\n");
      expect(prepareOffer(odd, 1_500_000)).toBe(odd);
    }
  });

  it("that isn't SDP is left for Chrome to refuse", () => {
    expect(prepareOffer("nonsense", 1_500_000)).toBe("nonsense");
  });
});
