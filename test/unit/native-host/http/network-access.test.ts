// Viewers on another address of this machine (loopback has many) and under a public name: who is let in, and to what.
import { request } from "node:http";
import { getLogger } from "@logtape/logtape";
import { Hono } from "hono";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { LiveStreams } from "../../../../native-host/http/live-streams.ts";
import type { ServerEnv } from "../../../../native-host/http/response.ts";
import { createHttpServer, type HttpServer } from "../../../../native-host/http/server.ts";
import { feed, makeRun } from "../packager/media.ts";
import { TestStream, TOKEN } from "./live-stream.ts";

const ADDRESS = "127.0.0.2";
const PLAYLIST = `/s/one/${TOKEN}/video.m3u8`;
const PUBLIC = "https://tab.example/live";
const streams = new LiveStreams(1_000);
const control = new Hono<ServerEnv>().get("/api/streams", (context) => context.text("the control API"));
const stream = new TestStream();
let server: HttpServer;
let port = 0;

beforeAll(async () => {
  for (const _ of feed(stream.packager, 0, await makeRun({ seconds: 3, offset: 0.5 })));
  streams.add(stream);
  const log = getLogger(["test", "http"]);
  server = createHttpServer({ streams, player_directory: "/none", control, log });
  port = await server.listen({ port: 0 });
  await server.openAddress(ADDRESS);
  server.openName(PUBLIC);
}, 60_000);
beforeEach(() => {
  stream.share = "internet";
});
afterAll(async () => {
  streams.close();
  await server.close();
});

/** The status for a path, asked at an address by a name. */
function status(address: string, path: string, host = `${address}:${port}`, more = {}): Promise<number> {
  return new Promise((resolve, reject) => {
    const asked = request(
      { agent: false, host: address, port, path, headers: { host, "user-agent": address, ...more } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      },
    );
    asked.on("error", reject).end();
  });
}

test("they get the media, at the same port", async () => {
  expect(await status(ADDRESS, PLAYLIST)).toBe(200);
  expect(await status("127.0.0.1", PLAYLIST)).toBe(200);
});

test("the control API is on 127.0.0.1 alone, whatever the name asked by", async () => {
  expect(await status("127.0.0.1", "/api/streams")).toBe(200);
  expect(await status(ADDRESS, "/api/streams")).toBe(404);
  expect(await status(ADDRESS, "/api/streams", `127.0.0.1:${port}`)).toBe(421);
});

test("each address answers by its own names only", async () => {
  expect(await status(ADDRESS, PLAYLIST, "evil.example")).toBe(421);
  expect(await status(ADDRESS, PLAYLIST, "localhost")).toBe(421);
  expect(await status("127.0.0.1", "/api/streams", ADDRESS)).toBe(404);
});

test("behind a tunnel, under its public name, it is the viewers' side alone", async () => {
  expect(await status("127.0.0.1", PLAYLIST, "tab.example")).toBe(200);
  expect(await status("127.0.0.1", "/api/streams", "tab.example")).toBe(404);
  expect(await status("127.0.0.1", PLAYLIST, "other.example")).toBe(421);
  expect(await status("127.0.0.1", "/api/streams", "127.0.0.1", { "x-forwarded-for": "192.0.2.1" })).toBe(421);
});

test("a proxy may leave its prefix on the path", async () => {
  expect(await status("127.0.0.1", `/live${PLAYLIST}`, "tab.example")).toBe(200);
  expect(await status("127.0.0.1", `/alive${PLAYLIST}`, "tab.example")).toBe(404);
  expect(await status("127.0.0.1", `/live${PLAYLIST}`)).toBe(404); // on this machine it means nothing
  expect(await status("127.0.0.1", "/live/api/streams", "tab.example")).toBe(404);
});

test("a reverse proxy may come by the network", async () => {
  expect(await status(ADDRESS, PLAYLIST, "tab.example", { "x-forwarded-for": "192.0.2.1" })).toBe(200);
});

test.each([
  ["this-computer", 200, 404, 404],
  ["network", 200, 200, 404],
  ["internet", 200, 200, 200],
] as const)(
  "shared with %s: %i here, %i on the network, %i on the internet",
  async (share, here, network, internet) => {
    stream.share = share;
    expect(await status("127.0.0.1", PLAYLIST)).toBe(here);
    expect(await status(ADDRESS, PLAYLIST)).toBe(network);
    expect(await status("127.0.0.1", PLAYLIST, "tab.example")).toBe(internet);
  },
);

test("an address is open as long as anybody needs it, a name too", async () => {
  await server.openAddress(ADDRESS);
  await server.closeAddress(ADDRESS);
  expect(await status(ADDRESS, PLAYLIST)).toBe(200);
  server.closeName(PUBLIC);
  expect(await status("127.0.0.1", PLAYLIST, "tab.example")).toBe(421);
});

test("a wrong token is as good as no stream", async () => {
  expect(await status(ADDRESS, `/s/one/${TOKEN.replace("d", "e")}/video.m3u8`)).toBe(404);
});

test("both are counted as viewers, and both ports close", async () => {
  expect(server.viewerCount("one")).toBe(2);
  await server.close();
  await expect(status(ADDRESS, PLAYLIST)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await expect(status("127.0.0.1", PLAYLIST)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});
