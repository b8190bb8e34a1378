// WHEP over real HTTP, with an extension that this test plays.
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import { getLogger } from "@logtape/logtape";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { LiveStreams } from "../../../../native-host/http/live-streams.ts";
import { createHttpServer, type HttpServer } from "../../../../native-host/http/server.ts";
import { WhepSessions } from "../../../../native-host/http/whep-sessions.ts";
import { iceServerLinks, whepSettings } from "../../../../native-host/http/whep-settings.ts";
import type { Links } from "../../../../native-host/stream/links.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import type { Viewer } from "../../../../protocol/native-messages.ts";
import { TestStream, TOKEN } from "./live-stream.ts";

const OFFER = [
  "v=0",
  "o=- 1 2 IN IP4 127.0.0.1",
  "s=-",
  "t=0 0",
  "m=video 9 UDP/TLS/RTP/SAVPF 96",
  "a=ice-ufrag:abcd",
  "a=recvonly",
  "a=rtpmap:96 VP8/90000",
  "",
].join("\r\n");
const SDP = { "Content-Type": "application/sdp" };

/** The extension: knows its viewers, and tells them as the real one does. */
class FakeExtension {
  readonly viewers = new Map<string, Viewer[]>();
  readonly asked: unknown[] = [];
  error: FlyBrowserError | null = null;
  shared = true;
  sessions: WhepSessions | null = null;

  tell(stream_id: string, viewers: Viewer[]): void {
    this.viewers.set(stream_id, viewers);
    this.sessions?.changed(stream_id, viewers);
  }

  backend = {
    ready: async () => this.shared,
    openViewer: async ({ stream_id, viewer, ...rest }: { stream_id: string; viewer: Viewer; offer: string }) => {
      this.asked.push(rest);
      if (this.error) throw this.error;
      this.tell(stream_id, [...(this.viewers.get(stream_id) ?? []), viewer]);
      return { answer: `v=0\r\nanswer ${viewer.viewer_id}` };
    },
    addViewerCandidates: async (params: object) => {
      this.asked.push(params);
      return {};
    },
    closeViewer: async ({ stream_id, viewer_id }: { stream_id: string; viewer_id: string }) => {
      const left = (this.viewers.get(stream_id) ?? []).filter((viewer) => viewer.viewer_id !== viewer_id);
      this.tell(stream_id, left);
      return {};
    },
  };
}

let extension: FakeExtension;
let server: HttpServer;
let streams: LiveStreams;
let stream: TestStream;
let origin: string;

async function start(env: NodeJS.ProcessEnv = {}): Promise<void> {
  extension = new FakeExtension();
  const whep = new WhepSessions(extension.backend, whepSettings(env));
  extension.sessions = whep;
  streams = new LiveStreams();
  server = createHttpServer({ streams, player_directory: "/nonexistent", whep, log: getLogger(["test"]) });
  origin = `http://127.0.0.1:${await server.listen({ port: 0 })}`;
  stream = new TestStream();
  streams.add(stream);
}

beforeEach(() => start());
afterEach(async () => {
  streams.close();
  await server.close();
});

const url = (token = TOKEN) => `${origin}/s/one/${token}/whep`;
const post = (body = OFFER, headers: Record<string, string> = SDP) => fetch(url(), { method: "POST", headers, body });

/** Lets one viewer in; gives its address and tag. */
async function viewer(): Promise<{ address: string; etag: string }> {
  const answer = await post();
  expect(answer.status).toBe(201);
  const address = new URL(answer.headers.get("Location") ?? "", url()).href;
  return { address, etag: answer.headers.get("ETag") ?? "" };
}

describe("an offer", () => {
  it("is answered with 201, the answer, and an address that nobody can guess", async () => {
    const answer = await post();
    expect(answer.status).toBe(201);
    expect(answer.headers.get("Content-Type")).toBe("application/sdp");
    expect(answer.headers.get("Location")).toMatch(/^whep\/viewer_[\w-]{24}$/);
    expect(answer.headers.get("ETag")).toMatch(/^"[\w-]{22}"$/);
    expect(answer.headers.get("Accept-Patch")).toBe("application/trickle-ice-sdpfrag");
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(answer.headers.get("Access-Control-Expose-Headers")).toContain("Location");
    expect(await answer.text()).toContain("answer viewer_");
    expect(extension.asked).toMatchObject([{ offer: OFFER, ice_servers: [] }]);
  });

  it.each([
    ["no SDP", 400, "nonsense", SDP],
    ["an empty body", 400, "", SDP],
    ["no media", 400, "v=0\r\na=ice-ufrag:x\r\n", SDP],
    ["no ICE", 400, "v=0\r\nm=video 9 X 96\r\n", SDP],
    ["another type", 415, OFFER, { "Content-Type": "text/plain" }],
    ["no type for the answer", 406, OFFER, { ...SDP, Accept: "application/json" }],
    ["no video", 422, OFFER.replace("m=video", "m=audio"), SDP],
    ["nothing to receive", 422, OFFER.replace("recvonly", "sendonly"), SDP],
    ["too much", 413, OFFER + "a=x:y\r\n".repeat(10_000), SDP],
  ])("with %s is refused with %i", async (_what, status, body, headers) => {
    const answer = await post(body, headers);
    expect(answer.status).toBe(status);
    expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
    expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
    expect(await answer.json()).toMatchObject({ status });
    expect(extension.asked).toEqual([]);
  });

  it("that Chrome can't answer is refused with 422, and its place is free again", async () => {
    extension.error = new FlyBrowserError("webrtc_offer_invalid", { reason: "no codec" });
    for (let attempt = 0; attempt < 5; attempt++) expect((await post()).status).toBe(422);
    extension.error = null;
    expect((await post()).status).toBe(201);
  });

  it("says nothing to who lacks the token, or when the stream has ended", async () => {
    const wrong = await fetch(url(TOKEN.replace("d", "e")), { method: "POST", headers: SDP, body: OFFER });
    const nowhere = await fetch(`${origin}/elsewhere`, { method: "POST" });
    expect([wrong.status, await wrong.text()]).toEqual([404, await nowhere.text()]);
    stream.packager.end();
    expect((await post()).status).toBe(404);
    expect(extension.asked).toEqual([]);
  });

  it("lets nobody in whose offer was still on its way when the stream ended", async () => {
    const headers = { ...SDP, "Content-Length": OFFER.length, Expect: "100-continue" };
    const asked = request(url(), { method: "POST", headers });
    asked.write(OFFER.slice(0, 20));
    await once(asked, "continue"); // the head is there
    stream.packager.end();
    const answered = once(asked, "response") as Promise<[IncomingMessage]>;
    asked.end(OFFER.slice(20));
    const [answer] = await answered;
    answer.resume();
    expect(answer.statusCode).toBe(404);
    expect(extension.asked).toEqual([]);
  });

  it("takes the place back when the stream ended while the answer was made", async () => {
    const open = extension.backend.openViewer;
    extension.backend.openViewer = async (params) => {
      const opened = await open(params);
      stream.packager.end();
      return opened;
    };
    expect((await post()).status).toBe(404);
    await expect.poll(() => extension.viewers.get("one")).toEqual([]);
  });
});

describe("places", () => {
  beforeEach(() => {
    extension.shared = false;
  });

  it("are 64 where viewers share an encoder", async () => {
    extension.shared = true;
    for (let count = 0; count < 64; count++) expect((await post()).status).toBe(201);
    expect((await post()).status).toBe(503);
  });

  it("are four where each has an encoder of its own; a fifth viewer is told when to come again", async () => {
    const answers = await Promise.all([post(), post(), post(), post(), post()]);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 201, 201, 201, 503]);
    const refused = answers.find(({ status }) => status === 503) as Response;
    expect(refused.headers.get("Retry-After")).toBe("10");
    expect(await refused.json()).toMatchObject({ code: "viewers_full", status: 503 });
  });

  it("are kept, one for each other stream that nobody watches", async () => {
    streams.add(new TestStream("two"));
    const statuses = await Promise.all([post(), post(), post(), post()]);
    expect(statuses.map(({ status }) => status).sort()).toEqual([201, 201, 201, 503]);
  });

  it("are free again when a viewer leaves, however it leaves", async () => {
    const all = await Promise.all([viewer(), viewer(), viewer(), viewer()]);
    expect((await post()).status).toBe(503);
    expect((await fetch(all[0]?.address ?? "", { method: "DELETE" })).status).toBe(200);
    expect((await post()).status).toBe(201);
    extension.tell("one", []);
    expect((await post()).status).toBe(201);
  });

  it("of none switch it off", async () => {
    await server.close();
    await start({ FLYBROWSER_WEBRTC_VIEWERS: "0" });
    expect((await post()).status).toBe(404);
  });
});

describe("a viewer", () => {
  it("is counted once, also beside its own player page, and no more when it has gone", async () => {
    const { address } = await viewer();
    expect(server.viewerCount("one")).toBe(1);
    const page = new AbortController();
    await fetch(`${origin}/s/one/${TOKEN}/events`, { signal: page.signal });
    expect(server.viewerCount("one")).toBe(1);
    const other = await viewer(); // the same person once more
    expect(server.viewerCount("one")).toBe(1);
    page.abort();
    await fetch(address, { method: "DELETE" });
    expect(server.viewerCount("one")).toBe(1);
    await fetch(other.address, { method: "DELETE" });
    await expect.poll(() => server.viewerCount("one")).toBe(0);
    expect((await fetch(address, { method: "DELETE" })).status).toBe(404);
  });

  it("that lived on through a change of hosts is known to the new one", async () => {
    extension.tell("one", [{ viewer_id: "viewer_old", client: "x" }]);
    expect(server.viewerCount("one")).toBe(1);
    const address = `${url()}/viewer_old`;
    const headers = { "Content-Type": "application/trickle-ice-sdpfrag", "If-Match": '"any"' };
    expect((await fetch(address, { method: "PATCH", headers, body: "a=ice-ufrag:q\r\n" })).status).toBe(204);
    expect((await fetch(address, { method: "DELETE" })).status).toBe(200);
  });

  it("adds candidates by PATCH", async () => {
    const { address, etag } = await viewer();
    const body = "a=ice-ufrag:abcd\r\nm=video 9 X 0\r\na=mid:0\r\na=candidate:1 1 udp 1 1.2.3.4 5 typ host\r\n";
    const patch = (headers: Record<string, string>, content = body) =>
      fetch(address, { method: "PATCH", headers, body: content });
    const type = { "Content-Type": "application/trickle-ice-sdpfrag" };
    expect((await patch({ ...type, "If-Match": etag })).status).toBe(204);
    expect(extension.asked.at(-1)).toMatchObject({
      candidates: [{ candidate: "candidate:1 1 udp 1 1.2.3.4 5 typ host", sdpMid: "0", usernameFragment: "abcd" }],
    });
    expect((await patch({ ...type, "If-Match": "*" })).status).toBe(204);
    expect((await patch(type)).status).toBe(428);
    expect((await patch({ ...type, "If-Match": '"other"' })).status).toBe(412);
    expect((await patch({ ...SDP, "If-Match": etag })).status).toBe(415);
    expect((await patch({ ...type, "If-Match": etag }, "nonsense")).status).toBe(400);
    const restart = body.replace("abcd", "else");
    expect((await patch({ ...type, "If-Match": etag }, restart)).status).toBe(422);
    expect((await patch({ ...type, "If-Match": '"*"' }, restart)).status).toBe(422);
  });

  it("can't be ended by who guesses, or by another stream's address", async () => {
    await viewer();
    streams.add(new TestStream("two"));
    const { address } = await viewer();
    expect((await fetch(`${url()}/viewer_guess`, { method: "DELETE" })).status).toBe(404);
    expect((await fetch(address.replace("/one/", "/two/"), { method: "DELETE" })).status).toBe(404);
    expect(extension.sessions?.clients("one")).toHaveLength(2);
  });
});

describe("other methods", () => {
  it("OPTIONS tells what may be sent, from any origin", async () => {
    const endpoint = await fetch(url(), { method: "OPTIONS" });
    expect(endpoint.status).toBe(204);
    expect(endpoint.headers.get("Content-Length")).toBeNull();
    expect(endpoint.headers.get("Access-Control-Allow-Methods")).toBe("POST, OPTIONS");
    expect(endpoint.headers.get("Access-Control-Allow-Headers")).toContain("Content-Type");
    expect(endpoint.headers.get("Accept-Post")).toBe("application/sdp");
    const session = await fetch(`${url()}/viewer_any`, { method: "OPTIONS" });
    expect(session.headers.get("Access-Control-Allow-Methods")).toContain("DELETE");
    expect(session.headers.get("Access-Control-Allow-Headers")).toContain("If-Match");
  });

  it.each(["GET", "PUT", "DELETE"])("%s on the endpoint is not allowed", async (method) => {
    const answer = await fetch(url(), { method });
    expect([answer.status, answer.headers.get("Allow")]).toEqual([405, "POST, OPTIONS"]);
  });
});

describe("ICE servers", () => {
  const servers = [{ urls: "stun:s:3478" }, { urls: ["turn:t:1", "turn:t:2"], username: 'a"b', credential: "c" }];

  it("go to the extension, and to the client by Link headers", async () => {
    await server.close();
    await start({ FLYBROWSER_ICE_SERVERS: JSON.stringify(servers) });
    const answer = await post();
    expect(answer.headers.get("Link")).toBe(iceServerLinks(servers));
    expect(answer.headers.get("Link")).toBe(
      '<stun:s:3478>; rel="ice-server", ' +
        '<turn:t:1>; rel="ice-server"; username="a\\"b"; credential="c"; credential-type="password", ' +
        '<turn:t:2>; rel="ice-server"; username="a\\"b"; credential="c"; credential-type="password"',
    );
    expect(extension.asked).toEqual([{ offer: OFFER, ice_servers: servers }]);
  });
});

it("ends with the link by which it came, also one that was revoked while it was let in", async () => {
  const { address } = await viewer();
  const links = stream.links as Links;
  const link_id = links.find(TOKEN) ?? "";
  expect(extension.viewers.get("one")).toMatchObject([{ link_id, from: "this-computer" }]);
  links.revoke(link_id);
  expect(extension.viewers.get("one")).toEqual([]);
  expect((await fetch(address, { method: "DELETE" })).status).toBe(404);
  expect((await post()).status).toBe(404);
});
