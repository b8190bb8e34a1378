import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { ReadableStream } from "node:stream/web";
import * as v from "valibot";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { FanOut } from "../../../../native-host/media/fan-out.ts";
import type { Rendition } from "../../../../native-host/media/rendition.ts";
import { RunAssembler } from "../../../../native-host/media/run-assembler.ts";
import { PlayerStateSchema } from "../../../../protocol/player-messages.ts";
import { feed, feedWhole, makePackager, makeRun, type RunMedia } from "../packager/media.ts";
import { startServer, type TestServer, TestStream, TOKEN } from "./live-stream.ts";

let media: RunMedia;
let player: string;
let http: TestServer;

beforeAll(async () => {
  media = await makeRun({ seconds: 4, offset: 0.5 });
  player = await mkdtemp(join(tmpdir(), "flybrowser-player-"));
  await mkdir(join(player, "assets"));
  await writeFile(join(player, "index.html"), "<!doctype html><title>player</title>");
  await writeFile(join(player, "assets", "player-abc.js"), "export {};");
  await writeFile(join(player, "secret.json"), "{}");
}, 60_000);
afterAll(() => rm(player, { recursive: true }));
beforeEach(async () => {
  http = await startServer(player);
});
afterEach(() => http.close());

/** A stream that is live, with four seconds of media, added to the server. */
function liveStream(stream = new TestStream()): TestStream {
  for (const _ of feed(stream.packager, 0, media));
  http.streams.add(stream);
  return stream;
}

const at = (file: string, token = TOKEN, id = "one") => `${http.origin}/s/${id}/${token}/${file}`;

/** An answer with every header, as it came over the wire but for the date, whose name is "Date" or "date". */
function raw(
  path: string,
  headers: Record<string, string> = {},
  method = "GET",
): Promise<{ status: number; headers: string; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: "127.0.0.1", port: http.port, path, method, headers }, async (answer) => {
      const kept = answer.rawHeaders.join("\n").replace(/^date\n[^\n]*/im, "Date");
      resolve({ status: answer.statusCode ?? 0, headers: kept, body: await text(answer) });
    });
    asked.on("error", reject);
    asked.end();
  });
}

describe("who may ask", () => {
  it("gives the same answer, byte for byte, for a wrong token, no stream, and no such file", async () => {
    liveStream();
    const wrong = await raw(`/s/one/${TOKEN.replace("d", "e")}/video.m3u8`);
    expect(wrong.status).toBe(404);
    expect(await raw(`/s/two/${TOKEN}/video.m3u8`)).toEqual(wrong);
    expect(await raw("/s/one//video.m3u8")).toEqual(wrong);
    expect(await raw(`/s/one/${TOKEN}0/state`)).toEqual(wrong);
    expect(await raw("/s/one/x/events")).toEqual(wrong);
    expect(await raw(`/s/one/${TOKEN}/nothing.txt`)).toEqual(wrong);
    expect(await raw("/elsewhere")).toEqual(wrong);
    expect((await raw(`/s/one/${TOKEN}/video.m3u8`)).status).toBe(200);
  });

  it("takes reports of players, from any origin, and says what is none", async () => {
    liveStream();
    const report = (path: string, body: string) => fetch(`${http.origin}/s/one/${path}/cmcd`, { method: "POST", body });
    expect((await report("x", "")).status).toBe(404);
    expect((await report(TOKEN, "nonsense")).status).toBe(400);
    expect((await report(TOKEN, "x".repeat(70_000))).status).toBe(413);
    expect(http.server.playback("one")).toBeNull();
    expect((await report(TOKEN, 'e=t,ltc=700,sid="a",sta=p,v=2')).status).toBe(204);
    expect(http.server.playback("one")).toMatchObject({ players: 1, latency_ms: 700 });
  });

  it("tells people on a page that there is no stream, the same for a wrong token", async () => {
    liveStream();
    const wrong = await raw("/s/one/x/player");
    expect(wrong.status).toBe(404);
    expect(wrong.headers).toContain("text/html; charset=utf-8");
    expect(wrong.body).toContain("<h1>No stream at this link</h1>");
    expect(await raw(`/s/two/${TOKEN}/player`)).toEqual(wrong);
    expect(await raw("/s/one/x/")).toEqual(wrong);
    expect((await raw(`/s/one/${TOKEN}/player`)).status).toBe(200);
  });

  it.each(["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "10.0.0.1", "[::2]"])(
    "refuses the host %s",
    async (host) => {
      liveStream();
      const answer = await raw(`/s/one/${TOKEN}/video.m3u8`, { host });
      expect(answer.status).toBe(421);
      expect(answer.body).not.toContain("EXTM3U");
    },
  );

  it.each(["127.0.0.1", "localhost", "LOCALHOST:1", "[::1]:9000"])("answers the host %s", async (host) => {
    liveStream();
    expect((await raw(`/s/one/${TOKEN}/video.m3u8`, { host })).status).toBe(200);
  });

  it("listens on the loopback address alone", async () => {
    const outside = Object.values(networkInterfaces())
      .flatMap((list) => list ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    for (const { address } of [...outside, { address: "127.0.0.2" }]) {
      await expect(fetch(`http://${address}:${http.port}/`)).rejects.toThrow();
    }
  });
});

describe("media", () => {
  it("compresses playlists for those who take that, and nothing else", async () => {
    liveStream();
    const of = async (file: string, encoding: string) =>
      (await fetch(at(file), { headers: { "accept-encoding": encoding } })).headers;
    const [plain, packed] = [await of("video.m3u8", "identity"), await of("video.m3u8", "br, gzip")];
    expect([plain.get("content-encoding"), packed.get("content-encoding")]).toEqual([null, "gzip"]);
    expect(Number(packed.get("content-length"))).toBeLessThan(Number(plain.get("content-length")) / 2);
    expect([plain.get("vary"), packed.get("vary")]).toEqual(["Accept-Encoding", "Accept-Encoding"]);
    expect((await of("video-1.m4s", "gzip")).get("content-encoding")).toBeNull();
    const text = await (await fetch(at("video.m3u8"))).text();
    expect(text).toMatch(/^#EXTM3U/);
  });

  it.each(["video.m3u8", "video-1.m4s", "manifest.mpd", "video-99.m4s"])(
    "%s is the same by whatever spelling, range and encoding it is asked for",
    async (file) => {
      liveStream();
      const spelled = file.replace(".", "%2E"); // the router knows it, the short way for media doesn't
      for (const headers of [{}, { "accept-encoding": "gzip" }, { range: "bytes=10-19" }, { range: "bytes=x" }]) {
        for (const method of ["GET", "HEAD", "GET"]) {
          const [direct, routed] = [
            await raw(`/s/one/${TOKEN}/${file}`, headers, method),
            await raw(`/s/one/${TOKEN}/${spelled}`, headers, method),
          ];
          const sorted = (text: string) => text.toLowerCase().split("\n").sort().join(" ");
          // one after the other, so that a report names what differs
          expect(direct.status).toBe(routed.status);
          expect(sorted(direct.headers)).toBe(sorted(routed.headers));
          expect(direct.body).toBe(routed.body);
        }
      }
    },
  );

  it("has the right types, caching and CORS", async () => {
    const stream = liveStream();
    const types: Record<string, [string, RegExp]> = {
      "index.m3u8": ["application/vnd.apple.mpegurl", /no-store/],
      "audio.m3u8": ["application/vnd.apple.mpegurl", /no-store/],
      "init-video-0.mp4": ["video/mp4", /immutable/],
      "video-1.m4s": ["video/mp4", /immutable/],
      "audio-1.m4s": ["audio/mp4", /immutable/],
      "audio-1.0.m4s": ["audio/mp4", /immutable/],
    };
    for (const [file, [type, caching]] of Object.entries(types)) {
      const headers = { "accept-encoding": "identity" };
      const answer = await fetch(at(file), { headers });
      expect([file, answer.status, answer.headers.get("content-type")]).toEqual([file, 200, type]);
      expect(answer.headers.get("cache-control")).toMatch(caching);
      expect(answer.headers.get("access-control-allow-origin")).toBe("*");
      const head = await fetch(at(file), { method: "HEAD", headers });
      expect(head.headers.get("content-length")).toBe(String((await answer.arrayBuffer()).byteLength));
      expect(await head.text()).toBe("");
    }
    const preflight = await fetch(at("video-1.m4s"), { method: "OPTIONS" });
    expect([preflight.status, preflight.headers.get("access-control-allow-methods")]).toEqual([
      204,
      "GET, HEAD, POST, OPTIONS",
    ]);
    expect((await fetch(at(`video-${stream.packager.find("video")?.last?.msn}.m4s`))).status).toBe(404);
    expect((await fetch(at("video-9.m4s"))).status).toBe(404);
    expect((await fetch(at("init-video-7.mp4"))).status).toBe(404);
  });

  it("lets a page of any origin read every answer, also that there is nothing", async () => {
    liveStream();
    const controller = new AbortController();
    const { signal } = controller;
    const files = [
      "index.m3u8",
      "video-99.0.m4s",
      "nothing",
      "state",
      "player",
      "events",
      "whep",
      "audio.m3u8?_HLS_msn=99",
    ];
    for (const method of ["GET", "HEAD", "OPTIONS", "PUT"]) {
      for (const path of [
        ...files.map((file) => at(file)),
        at("video.m3u8", "wrong"),
        at("video.m3u8", TOKEN, "none"),
      ]) {
        const answer = await fetch(path, { method, signal });
        expect([method, path, answer.headers.get("access-control-allow-origin")]).toEqual([method, path, "*"]);
      }
    }
    const range = await fetch(at("video-1.m4s"), { headers: { range: "bytes=99999999-" } });
    expect([range.status, range.headers.get("access-control-allow-origin")]).toEqual([416, "*"]);
    expect((await fetch(`${http.origin}/api/streams`)).headers.get("access-control-allow-origin")).toBeNull();
    controller.abort();
  });

  it("gives parts that make up their segment, and ranges of it", async () => {
    const stream = liveStream();
    const bytes = async (file: string, range?: string) =>
      Buffer.from(await (await fetch(at(file), range ? { headers: { range } } : {})).arrayBuffer());
    const segment = await bytes("video-1.m4s");
    const count = stream.packager.find("video")?.segment(1)?.parts.length ?? 0;
    expect(count).toBeGreaterThan(4);
    const parts = await Promise.all(Array.from({ length: count }, (_, part) => bytes(`video-1.${part}.m4s`)));
    expect(Buffer.concat(parts).equals(segment)).toBe(true);
    const middle = parts[0]?.length ?? 0;
    expect(
      (await bytes("video-1.m4s", `bytes=${middle - 5}-${middle + 4}`)).equals(
        segment.subarray(middle - 5, middle + 5),
      ),
    ).toBe(true);
    expect((await bytes("video-1.m4s", "bytes=-7")).equals(segment.subarray(-7))).toBe(true);
    const ranged = await fetch(at("video-1.m4s"), { headers: { range: "bytes=0-9" } });
    expect([ranged.status, ranged.headers.get("content-range")]).toEqual([206, `bytes 0-9/${segment.length}`]);
    expect((await fetch(at("video-1.m4s"), { headers: { range: `bytes=${segment.length}-` } })).status).toBe(416);
  });
});

it("serves whatever renditions there are, by their ids", async () => {
  const source = { type: "video", group: "video", codec: "h264", width: null, height: null, bitrate: null } as const;
  const renditions: Rendition[] = [
    ...["source", "half", "quarter"].map((id) => ({ ...source, id })),
    { ...source, id: "sound", type: "audio", group: "sound", codec: "aac" },
  ];
  const stream = new TestStream();
  const fanOut = new FanOut();
  fanOut.attach(stream.packager, { renditions: "all" });
  const assembler = new RunAssembler(0, renditions, fanOut);
  for (let piece = 0; piece < 50; piece++) {
    for (const { id, type } of renditions) {
      const at = (index: number) => Math.floor((media[type].length * index) / 50);
      assembler.write(id, media[type].subarray(at(piece), at(piece + 1)));
    }
  }
  assembler.close();
  http.streams.add(stream);
  const index = await (await fetch(at("index.m3u8"))).text();
  expect(index.match(/^\w+\.m3u8$/gm)).toEqual(["source.m3u8", "half.m3u8", "quarter.m3u8"]);
  const manifest = await (await fetch(at("manifest.mpd"))).text();
  for (const { id, type } of renditions) {
    expect(await (await fetch(at(`${id}.m3u8`))).text()).toContain(`URI="init-${id}-0.mp4"`);
    expect(manifest).toContain(`${id}-0-t$Time$.m4s`);
    const segment = await fetch(at(`${id}-1.m4s`));
    expect([segment.status, segment.headers.get("content-type")]).toEqual([200, `${type}/mp4`]);
  }
  expect((await fetch(at("video.m3u8"))).status).toBe(404);
});

describe("waiting", () => {
  it("lets a first request wait for the first video", async () => {
    const stream = new TestStream();
    http.streams.add(stream);
    const asked = fetch(at("index.m3u8"));
    const pages = feed(stream.packager, 0, media);
    expect(await Promise.race([asked, new Promise((resolve) => setImmediate(() => resolve("waiting")))])).toBe(
      "waiting",
    );
    for (const _ of pages);
    expect(await (await asked).text()).toContain("video.m3u8");
  });

  it("answers a blocking reload with the part it asked for, as soon as that is there", async () => {
    const stream = new TestStream();
    http.streams.add(stream);
    const pieces = feed(stream.packager, 0, media, 300);
    while (!stream.packager.playable) pieces.next();
    for (let turn = 0; turn < 12; turn++) {
      const position = stream.packager.find("video")?.position ?? { msn: 0, part: 0 };
      const next = { msn: position.msn, part: position.part + 1 };
      let answered = false;
      const asked = fetch(at(`video.m3u8?_HLS_msn=${next.msn}&_HLS_part=${next.part}`)).then(async (answer) => {
        answered = true;
        return answer.text();
      });
      // Let the request arrive; it must not be answered by the change of the other rendition.
      await expect.poll(() => http.server.viewerCount("one")).toBe(1);
      expect(answered).toBe(false);
      const there = () => stream.packager.find("video")?.reached(next.msn, next.part);
      while (!there() && !pieces.next().done);
      const playlist = await asked;
      const part = `video-${next.msn}.${next.part}.m4s`;
      const following = `video-${next.msn + 1}.0.m4s`;
      expect(
        playlist.includes(`URI="${part}"`) ||
          (playlist.includes(`PART:DURATION`) && playlist.includes(`URI="${following}"`)),
      ).toBe(true);
      if (!there()) break;
    }
  });

  it("answers a hinted part when it comes", async () => {
    const stream = new TestStream();
    http.streams.add(stream);
    const pieces = feed(stream.packager, 0, media, 300);
    while (!stream.packager.playable) pieces.next();
    const playlist = await (await fetch(at("audio.m3u8"))).text();
    const hint = /PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(playlist)?.[1] ?? "";
    const asked = fetch(at(hint));
    for (const _ of pieces);
    const answer = await asked;
    expect(answer.status).toBe(200);
    expect((await answer.arrayBuffer()).byteLength).toBeGreaterThan(100);
  });

  it.each([
    "_HLS_msn=99",
    "_HLS_msn=x",
    "_HLS_msn=-1",
    "_HLS_part=1",
    "_HLS_msn=3&_HLS_part=99",
    "_HLS_msn=3&_HLS_part=1.5",
  ])("refuses %s", async (query) => {
    liveStream();
    expect((await fetch(at(`video.m3u8?${query}`))).status).toBe(400);
  });

  it("ends waiting requests with the stream, and everything with the server", async () => {
    const stream = liveStream();
    const last = stream.packager.find("video")?.last?.msn ?? 0;
    const asked = fetch(at(`video.m3u8?_HLS_msn=${last + 1}`));
    await expect.poll(() => http.server.viewerCount("one")).toBe(1);
    stream.packager.end();
    expect(await (await asked).text()).toContain("#EXT-X-ENDLIST");

    const other = liveStream(new TestStream("two"));
    const waiting = fetch(
      at(`video.m3u8?_HLS_msn=${(other.packager.find("video")?.last?.msn ?? 0) + 1}`, TOKEN, "two"),
    );
    await expect.poll(() => http.server.viewerCount("two")).toBe(1);
    const [closed, failed] = await Promise.allSettled([http.server.close(), waiting]);
    expect([closed.status, failed.status]).toEqual(["fulfilled", "rejected"]);
  });

  it("keeps an ended stream for a moment, then nothing", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      const stream = liveStream();
      stream.packager.end();
      stream.become("stopped");
      vi.advanceTimersByTime(29_000);
      expect(http.streams.get("one")).toBe(stream);
      vi.advanceTimersByTime(2_000);
      expect(http.streams.get("one")).toBeUndefined();
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("player", () => {
  it("is served with a strict policy, and its assets beside it, and nothing else", async () => {
    liveStream();
    const page = await fetch(at("player"));
    expect(page.status).toBe(200);
    expect(await page.text()).toContain("player");
    expect(page.headers.get("content-security-policy")).toMatch(/^default-src 'none'/);
    expect(page.headers.get("content-security-policy")).not.toContain("unsafe");
    expect(page.headers.get("referrer-policy")).toBe("no-referrer");
    const asset = await fetch(`${http.origin}/assets/player-abc.js`);
    expect([asset.status, asset.headers.get("content-type")]).toEqual([200, "text/javascript; charset=utf-8"]);
    for (const path of [
      "/assets/..%2fsecret.json",
      "/assets/%2e%2e/secret.json",
      "/assets/none.js",
      "/secret.json",
      "/index.html",
    ]) {
      expect((await raw(path)).status).toBe(404);
    }
    const redirect = await fetch(at(""), { redirect: "manual" });
    expect(redirect.headers.get("location")).toBe("player"); // relative: a proxy may have a prefix;
  });

  it("gets the state, and each change of it", async () => {
    const stream = liveStream();
    const state = v.parse(PlayerStateSchema, await (await fetch(at("state"))).json());
    expect(state.state).toBe("active");
    const controller = new AbortController();
    const events = await fetch(at("events"), { signal: controller.signal });
    expect(events.headers.get("content-type")).toBe("text/event-stream");
    const body = Readable.fromWeb(events.body as ReadableStream).setEncoding("utf8");
    const reader = body.iterator({ destroyOnReturn: false });
    expect((await reader.next()).value).toContain('"state":"active"');
    expect(http.server.viewerCount("one")).toBe(1);
    stream.become("active"); // nothing new: nothing sent
    stream.become("recovering");
    expect((await reader.next()).value).toContain('"state":"recovering"');
    stream.become("stopped");
    expect((await reader.next()).value).toContain('"state":"stopped"');
    controller.abort();
    await expect.poll(() => http.server.viewerCount("one")).toBe(0);
  });
});

it("counts a player page once, and other clients beside it", async () => {
  http.streams.add(new TestStream("one", makePackager()));
  const stream = http.streams.get("one") as TestStream;
  feedWhole(stream.packager, 0, media);
  const get = (agent: string, file: string) => raw(`/s/one/${TOKEN}/${file}`, { "user-agent": agent });
  await get("VLC", "video.m3u8");
  await get("VLC", "video-0.m4s");
  expect(http.server.viewerCount("one")).toBe(1);
  await get("mpv", "index.m3u8");
  expect(http.server.viewerCount("one")).toBe(2);
  await get("curl", "state");
  expect(http.server.viewerCount("one")).toBe(2);
});
