// What the relay takes of an offer, and how it hands on ICE servers.
import { describe, expect, it } from "vitest";
import { libraryServers } from "../../../../../native-host/sinks/relay/ice-servers.ts";
import { planOf } from "../../../../../native-host/sinks/relay/track-plan.ts";

/** As a browser offers: several kinds of H.264, others before it. */
const OFFER = [
  "v=0",
  "o=- 1 2 IN IP4 127.0.0.1",
  "s=-",
  "t=0 0",
  "m=audio 9 UDP/TLS/RTP/SAVPF 111 0",
  "a=candidate:1 1 udp 2 10.0.0.1 5000 typ host",
  "a=end-of-candidates",
  "a=mid:a",
  "a=recvonly",
  "a=rtpmap:111 opus/48000/2",
  "a=fmtp:111 minptime=10;stereo=1",
  "a=rtpmap:0 PCMU/8000",
  "m=video 9 UDP/TLS/RTP/SAVPF 96 102 104 108 45",
  "a=mid:v",
  "a=candidate:2 1 udp 2 x.local 5001 typ host",
  "a=extmap:8 http://www.webrtc.org/experiments/rtp-hdrext/color-space",
  "a=recvonly",
  "a=rtcp-xr:rcvr-rtt=all",
  "a=rtpmap:96 VP8/90000",
  "a=rtpmap:102 H264/90000",
  "a=fmtp:102 packetization-mode=1;profile-level-id=64001f",
  "a=rtpmap:104 H264/90000",
  "a=fmtp:104 packetization-mode=0;profile-level-id=42e01f",
  "a=rtpmap:108 H264/90000",
  "a=fmtp:108 packetization-mode=1;profile-level-id=42e01f",
  "a=rtpmap:45 AV1/90000",
  "",
].join("\r\n");

describe("an offer", () => {
  it("is taken by its own numbers: H.264 as our encoder makes it, and Opus", () => {
    const { video, audio, unused } = planOf(OFFER, "receives");
    expect(video).toEqual({
      ...{ kind: "video", mid: "v", payload_type: 108, extension_id: 8, round_trips: true },
      format: "packetization-mode=1;profile-level-id=42e01f",
    });
    expect(audio).toMatchObject({ mid: "a", payload_type: 111, extension_id: null, round_trips: false });
    expect(unused).toEqual([]);
  });

  it("whose second section has port 0 is taken whole where that means bundled (Firefox with max-bundle), else in part", () => {
    const port0 = OFFER.replace("m=video 9", "m=video 0");
    expect(planOf(port0.replace("a=mid:v", "a=mid:v\r\na=bundle-only"), "receives").video?.payload_type).toBe(108);
    expect(planOf(port0, "receives")).toMatchObject({ video: null, unused: [{ mid: "v", kind: "video" }] });
  });

  it("that has only a higher profile is taken: who decodes that decodes ours", () => {
    expect(planOf(OFFER.replaceAll("42e01f", "4d001f"), "receives").video?.payload_type).toBe(102);
  });

  it("without H.264 in several packets has no video for us", () => {
    expect(planOf(OFFER.replaceAll("mode=1", "mode=0"), "receives")).toMatchObject({
      video: null,
      unused: [{ mid: "v", kind: "video" }],
    });
  });

  it("of who sends is of no use for who receives, and the other way round", () => {
    expect(planOf(OFFER.replaceAll("recvonly", "sendonly"), "receives").video).toBeNull();
    expect(planOf(OFFER.replaceAll("recvonly", "sendonly"), "sends").video?.mid).toBe("v");
    expect(planOf(OFFER, "sends").video).toBeNull();
  });

  it("with two videos has the first, and the other stays empty", () => {
    const two = `${OFFER}${OFFER.slice(OFFER.indexOf("m=video")).replace("a=mid:v", "a=mid:w")}`;
    expect(planOf(two, "receives")).toMatchObject({ video: { mid: "v" }, unused: [{ mid: "w" }] });
  });

  it("gives its candidates apart, each with its section", () => {
    const { candidates, bare_offer } = planOf(OFFER, "receives");
    expect(candidates).toEqual([
      { mid: "a", candidate: "candidate:1 1 udp 2 10.0.0.1 5000 typ host" },
      { mid: "v", candidate: "candidate:2 1 udp 2 x.local 5001 typ host" },
    ]);
    expect(bare_offer).not.toMatch(/candidate/);
    expect(bare_offer.match(/\r\n/g)?.length).toBe(OFFER.split("\r\n").length - 4);
  });
});

describe("ICE servers", () => {
  it("are handed on as the library takes them", () => {
    const turn = { urls: ["turn:t:5000?transport=udp", "turn:[::1]"], username: "u", credential: "c" };
    expect(libraryServers([{ urls: "stun:s" }, turn])).toEqual([
      "stun:s:3478",
      { hostname: "t", port: 5_000, username: "u", password: "c", relayType: "TurnUdp" },
      { hostname: "::1", port: 3_478, username: "u", password: "c", relayType: "TurnUdp" },
    ]);
  });

  it.each(["turns:t", "turn:t?transport=tcp", "nonsense"])("of which it can't use %s are left out", (urls) => {
    expect(libraryServers([{ urls, username: "u", credential: "c" }])).toEqual([]);
  });
});
