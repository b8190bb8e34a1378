// What a viewer can send to WHEP: offers and fragments for trickle ICE, with changes anywhere.
import fc from "fast-check";
import { expect, test } from "vitest";
import { prepareOffer } from "../../../extension/offscreen/webrtc-sdp.ts";
import { malformed, parseFragment, ufragOf, unanswerable } from "../../../native-host/http/whep-sdp.ts";
import { mutatedText, PARAMETERS, TIMEOUT } from "./runs.ts";

const OFFER = [
  ...["v=0", "o=- 46117317 2 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0 1"],
  ...[
    "m=video 9 UDP/TLS/RTP/SAVPF 96 97 102",
    "c=IN IP4 0.0.0.0",
    "a=ice-ufrag:Ab1+",
    "a=ice-pwd:q1w2e3r4t5y6u7i8o9p0aa",
  ],
  ...["a=fingerprint:sha-256 00:11", "a=setup:actpass", "a=mid:0", "a=recvonly", "a=rtcp-mux", "a=rtpmap:96 VP8/90000"],
  ...["a=rtpmap:97 rtx/90000", "a=fmtp:97 apt=96", "a=rtpmap:102 H264/90000"],
  ...["a=fmtp:102 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"],
  ...["m=audio 9 UDP/TLS/RTP/SAVPF 111", "c=IN IP4 0.0.0.0", "a=mid:1", "a=recvonly", "a=rtpmap:111 opus/48000/2", ""],
].join("\r\n");
const FRAGMENT = "a=ice-ufrag:Ab1+\r\nm=video 9 RTP/AVP 0\r\na=mid:0\r\na=candidate:1 1 udp 2 127.0.0.1 9 typ host\r\n";

test("an offer of any form is refused in words, or can be prepared", { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(fc.oneof(mutatedText(OFFER), fc.string({ maxLength: 200 })), (offer) => {
      const reason = malformed(offer);
      if (reason !== null) return;
      unanswerable(offer);
      expect(typeof ufragOf(offer)).toBe("string");
      expect(prepareOffer(offer, 1_500_000)).toContain("v=0");
    }),
    PARAMETERS,
  );
});

test("a fragment of any form is none, or has its candidates", { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(fc.oneof(mutatedText(FRAGMENT), fc.string({ maxLength: 200 })), (text) => {
      const fragment = parseFragment(text);
      for (const { candidate } of fragment?.candidates ?? []) expect(candidate.startsWith("candidate:")).toBe(true);
    }),
    PARAMETERS,
  );
});
