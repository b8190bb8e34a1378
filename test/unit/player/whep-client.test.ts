import { afterEach, describe, expect, it, vi } from "vitest";
import { withoutSync, withStereo } from "../../../player/engines/webrtc-connection.ts";
import { openSession, parseIceLinks, sendCandidates, WhepError } from "../../../player/engines/whep-client.ts";

const ENDPOINT = "http://h:1/s/a/t/whep";

function answerWith(response: Response | Error): ReturnType<typeof vi.fn> {
  const fake = vi.fn(async () => {
    if (response instanceof Error) throw response;
    return response;
  });
  vi.stubGlobal("fetch", fake);
  return fake;
}

afterEach(() => vi.unstubAllGlobals());

describe("openSession", () => {
  it("gives the answer and the session's address, which may be relative", async () => {
    const headers = { Location: "whep/viewer_1", ETag: '"tag"', "Accept-Patch": "application/trickle-ice-sdpfrag" };
    const asked = answerWith(new Response("answer", { status: 201, headers }));
    const session = await openSession(ENDPOINT, "offer");
    expect(session).toEqual({ answer: "answer", url: `${ENDPOINT}/viewer_1`, etag: '"tag"' });
    expect(asked.mock.calls[0]?.[1]).toMatchObject({
      method: "POST",
      body: "offer",
      headers: { "Content-Type": "application/sdp" },
    });
  });

  it("tells a refusal from a host that can't be reached", async () => {
    answerWith(new Response("full", { status: 503 }));
    await expect(openSession(ENDPOINT, "offer")).rejects.toMatchObject({ status: 503 });
    answerWith(new TypeError("no network"));
    const error = await openSession(ENDPOINT, "offer").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WhepError);
    expect(error).toMatchObject({ status: null });
  });
});

describe("sendCandidates", () => {
  const candidates = [
    { candidate: "candidate:1", sdpMid: "0", usernameFragment: "uf" },
    { candidate: "candidate:2", sdpMid: "1", usernameFragment: "uf" },
  ] as unknown as RTCIceCandidate[];

  it("sends them as one fragment", async () => {
    const asked = answerWith(new Response(null, { status: 204 }));
    await sendCandidates({ answer: "", url: "http://h/x", etag: '"t"' }, candidates);
    const [url, request] = asked.mock.calls[0] as [string, RequestInit];
    expect(url).toBe("http://h/x");
    expect(request.headers).toMatchObject({ "If-Match": '"t"' });
    expect(String(request.body).split("\r\n")).toEqual([
      "a=ice-ufrag:uf",
      "m=video 9 UDP/TLS/RTP/SAVPF 0",
      "a=mid:0",
      "a=candidate:1",
      "m=video 9 UDP/TLS/RTP/SAVPF 0",
      "a=mid:1",
      "a=candidate:2",
      "",
    ]);
  });

  it("sends nothing to a host that takes none, and nothing when there are none", async () => {
    const asked = answerWith(new Response(null, { status: 204 }));
    await sendCandidates({ answer: "", url: "http://h/x", etag: null }, candidates);
    await sendCandidates({ answer: "", url: "http://h/x", etag: '"t"' }, []);
    expect(asked).not.toHaveBeenCalled();
  });
});

describe("parseIceLinks", () => {
  it("reads STUN and TURN servers, and leaves other links out", () => {
    const header =
      '<stun:s:3478>; rel="ice-server", <turn:t?transport=udp>; rel="ice-server"; username="a\\"b"; credential="c,d"; ' +
      'credential-type="password", <https://x>; rel="next"';
    expect(parseIceLinks(header)).toEqual([
      { urls: "stun:s:3478" },
      { urls: "turn:t?transport=udp", username: 'a"b', credential: "c,d" },
    ]);
    expect(parseIceLinks(null)).toEqual([]);
  });
});

describe("withStereo", () => {
  const sdp = "m=audio 9 X 111\r\na=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10\r\n";
  it("asks for two channels, once", () => {
    const stereo = withStereo(sdp);
    expect(stereo).toContain("a=fmtp:111 minptime=10;stereo=1;sprop-stereo=1\r\n");
    expect(withStereo(stereo)).toBe(stereo);
  });
  it("leaves an offer without Opus as it is", () => {
    expect(withStereo("v=0\r\n")).toBe("v=0\r\n");
  });
});

describe("withoutSync", () => {
  it("leaves video and audio without a common stream, and everything else as it is", () => {
    const lines = [
      "v=0",
      "a=msid-semantic: WMS s",
      "m=video 9 X 0",
      "a=msid:s v",
      "a=ssrc:12 cname:c",
      "a=ssrc:12 msid:s v",
    ];
    const changed = [
      "v=0",
      "a=msid-semantic: WMS s",
      "m=video 9 X 0",
      "a=msid:- v",
      "a=ssrc:12 cname:c",
      "a=ssrc:12 msid:- v",
    ];
    expect(withoutSync(lines.join("\r\n"))).toBe(changed.join("\r\n"));
  });
});
