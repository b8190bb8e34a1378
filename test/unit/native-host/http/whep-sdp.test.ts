// What a WHEP client's offers and fragments of SDP say.
import { describe, expect, it } from "vitest";
import { malformed, parseFragment, ufragOf, unanswerable } from "../../../../native-host/http/whep-sdp.ts";
import { sentence } from "../../../../protocol/sentence.ts";

describe("parseFragment", () => {
  it("gives candidates their section by its number where it has no name", () => {
    const text =
      "m=audio 9 X 0\r\na=candidate:1\r\nm=video 9 X 0\r\na=mid:v\r\na=candidate:2\r\na=end-of-candidates\r\n";
    expect(parseFragment(text)?.candidates).toEqual([
      { candidate: "candidate:1", sdpMid: null, sdpMLineIndex: 0, usernameFragment: null },
      { candidate: "candidate:2", sdpMid: "v", sdpMLineIndex: null, usernameFragment: null },
    ]);
  });

  it("hands a candidate on with all that it says, known or not", () => {
    const candidate = "candidate:1 1 udp 1 192.0.2.1 5 typ host generation 0 ufrag abcd network-cost 999 x-new 1";
    expect(parseFragment(`a=${candidate}\r\n`)?.candidates[0]?.candidate).toBe(candidate);
  });

  it("is null for what is no fragment", () => {
    expect(parseFragment("a=ice-ufrag:x\r\nnonsense\r\n")).toBeNull();
  });
});

describe("an offer", () => {
  const offer = (...lines: string[]) => ["v=0", "o=- 1 2 IN IP4 0.0.0.0", "s=-", "t=0 0", ...lines, ""].join("\r\n");

  it("may have its ICE user name in the session or in a section, of digits too", () => {
    expect(ufragOf(offer("a=ice-ufrag:1234", "m=video 9 X 96"))).toBe("1234");
    expect(ufragOf(offer("m=audio 9 X 0", "m=video 9 X 96", "a=ice-ufrag:ab+/"))).toBe("ab+/");
    expect(ufragOf(offer("m=video 9 X 96"))).toBeNull();
    expect(malformed(offer("a=ice-ufrag:1234", "m=video 9 X 96"))).toBeNull();
  });

  it("asks to view when one of its video sections receives", () => {
    const video = (direction: string) => ["m=video 9 UDP/TLS/RTP/SAVPF 96", `a=${direction}`];
    expect(unanswerable(offer("m=video 9 UDP/TLS/RTP/SAVPF 96"))).toBeNull(); // sendrecv, by default
    expect(unanswerable(offer(...video("sendonly"), ...video("recvonly")))).toBeNull();
    expect(unanswerable(offer(...video("sendonly"), ...video("inactive")))).toEqual(sentence("offer.sends_only"));
    expect(unanswerable(offer("m=audio 9 X 0", "a=recvonly"))).toEqual(sentence("offer.no_video"));
  });
});
