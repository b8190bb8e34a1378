// What a WHEP client's fragments of SDP say.
import { describe, expect, it } from "vitest";
import { parseFragment } from "../../../../native-host/http/whep-sdp.ts";

describe("parseFragment", () => {
  it("gives candidates their section by its number where it has no name", () => {
    const text =
      "m=audio 9 X 0\r\na=candidate:1\r\nm=video 9 X 0\r\na=mid:v\r\na=candidate:2\r\na=end-of-candidates\r\n";
    expect(parseFragment(text)?.candidates).toEqual([
      { candidate: "candidate:1", sdpMid: null, sdpMLineIndex: 0, usernameFragment: null },
      { candidate: "candidate:2", sdpMid: "v", sdpMLineIndex: null, usernameFragment: null },
    ]);
  });
});
