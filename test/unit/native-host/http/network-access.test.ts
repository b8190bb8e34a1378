// What the environment says about viewers from elsewhere, and viewers on another address of this machine: loopback has many.
import { request } from "node:http";
import { getLogger } from "@logtape/logtape";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { LiveStreams } from "../../../../native-host/http/live-streams.ts";
import { networkAccess, viewOrigin } from "../../../../native-host/http/network-access.ts";
import type { ServerEnv } from "../../../../native-host/http/response.ts";
import { createHttpServer, type HttpServer } from "../../../../native-host/http/server.ts";
import { feed, makeRun } from "../packager/media.ts";
import { TestStream, TOKEN } from "./live-stream.ts";

const ADDRESS = "127.0.0.2";
const PLAYLIST = `/s/one/${TOKEN}/video.m3u8`;
const access = { addresses: [ADDRESS], public_origin: "https://tab.example" };
const streams = new LiveStreams(1_000);
const control = new Hono<ServerEnv>().get("/api/streams", (context) => context.text("the control API"));
let server: HttpServer;
let port = 0;

beforeAll(async () => {
  const stream = new TestStream();
  for (const _ of feed(stream.packager, 0, await makeRun({ seconds: 3, offset: 0.5 })));
  streams.add(stream);
  const log = getLogger(["test", "http"]);
  server = createHttpServer({ streams, player_directory: "/none", control, access, log });
  port = await server.listen({ port: 0 });
}, 60_000);
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

test("a wrong token is as good as no stream", async () => {
  expect(await status(ADDRESS, `/s/one/${TOKEN.replace("d", "e")}/video.m3u8`)).toBe(404);
});

test("both are counted as viewers, and both ports close", async () => {
  expect(server.viewerCount("one")).toBe(2);
  await server.close();
  await expect(status(ADDRESS, PLAYLIST)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  await expect(status("127.0.0.1", PLAYLIST)).rejects.toMatchObject({ code: "ECONNREFUSED" });
});

describe("where viewers come from", () => {
  it.each([
    [{}, "http://127.0.0.1:81"],
    [{ FLYBROWSER_VIEW_ADDRESS: "127.0.0.2" }, "http://127.0.0.2:81"],
    [{ FLYBROWSER_PUBLIC_URL: "https://tab.example/" }, "https://tab.example"],
    [{ FLYBROWSER_PUBLIC_URL: "http://tab.example:8080" }, "http://tab.example:8080"],
    // What can't be is left out.
    [{ FLYBROWSER_VIEW_ADDRESS: "nowhere", FLYBROWSER_PUBLIC_URL: "tab.example" }, "http://127.0.0.1:81"],
    [{ FLYBROWSER_PUBLIC_URL: "https://tab.example/path" }, "http://127.0.0.1:81"],
    [{ FLYBROWSER_PUBLIC_URL: "ftp://tab.example" }, "http://127.0.0.1:81"],
  ])("%o: links begin with %s", (environment, origin) => {
    expect(viewOrigin(networkAccess(environment), 81)).toBe(origin);
  });
});
