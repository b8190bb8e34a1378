// One viewer who floods is held back; the others notice nothing.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { connect } from "node:net";
import { promisify } from "node:util";
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { feedWhole, makePackager, makeRun, type RunMedia } from "../packager/media.ts";
import { startServer, type TestServer, TestStream, TOKEN } from "./live-stream.ts";

let media: RunMedia;
let server: TestServer;

beforeAll(async () => {
  media = await makeRun({ seconds: 4, offset: 0 });
});
beforeEach(async () => {
  server = await startServer();
  const packager = makePackager();
  feedWhole(packager, 0, media);
  server.streams.add(new TestStream("one", packager));
});
afterEach(async () => {
  vi.useRealTimers();
  await server.close();
});

const path = (name: string) => `/s/one/${TOKEN}/${name}`;

/** A program with 20 connections, each of which sends 500 requests at once; says how many were closed in 20 s. */
const FLOOD = `
  const [, port, path] = process.argv;
  const text = ("GET " + path + " HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n\\r\\n").repeat(500);
  const sockets = Array.from({ length: 20 }, () => require("node:net").connect(port, "127.0.0.1"));
  for (const socket of sockets) socket.on("error", () => {}).resume().write(text);
  const began = Date.now();
  setInterval(() => {
    const closed = sockets.filter((socket) => socket.closed).length;
    if (closed < 20 && Date.now() - began < 20_000) return;
    process.stdout.write(String(closed));
    process.exit();
  }, 50);
`;

/** Asks on the agent's one connection. */
function ask(agent: Agent, name: string): Promise<{ status: number | undefined; retry: string | undefined }> {
  return new Promise((resolve, reject) => {
    get({ agent, host: "127.0.0.1", port: server.port, path: name }, (response) => {
      response.resume();
      response.once("end", () => resolve({ status: response.statusCode, retry: response.headers["retry-after"] }));
    }).once("error", reject);
  });
}

test("a viewer who asks as players do is never refused", async () => {
  for (let second = 0; second < 2; second++) {
    const wanted = Array.from({ length: 40 }, () => fetch(`${server.origin}${path("video.m3u8")}`));
    for (const response of await Promise.all(wanted)) expect(response.status).toBe(200);
  }
});

test("pipelined requests for parts that aren't there yet: few wait, the rest is refused, and the connection ends", async () => {
  const next = /PRELOAD-HINT:TYPE=PART,URI="([^"]+)"/.exec(
    await (await fetch(`${server.origin}${path("video.m3u8")}`)).text(),
  )?.[1];
  const flood = promisify(execFile)(process.execPath, ["-e", FLOOD, String(server.port), path(next ?? "")]);
  let over = false;
  void flood.finally(() => {
    over = true;
  });
  // Another viewer is answered at every request meanwhile, and goes on being answered.
  for (let count = 0; !over || count < 10; count++) {
    expect((await fetch(`${server.origin}${path("video.m3u8")}`)).status).toBe(200);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect((await flood).stdout).toBe("20");
}, 30_000);

test("playlists without pause are answered 429 with Retry-After, and the next connection is let in", async () => {
  vi.useFakeTimers({ toFake: ["performance"] }); // a busy machine doesn't send more than is allowed
  const statuses: (number | undefined)[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let count = 0; count < 300; count++) {
    const { status, retry } = await ask(agent, path("video.m3u8"));
    statuses.push(status);
    expect(retry).toBe(status === 429 ? "1" : undefined);
  }
  agent.destroy();
  // 200 at once are let in, the connection is closed with the 51st refusal, and its next one begins anew.
  expect(statuses).toEqual([...Array(200).fill(200), ...Array(51).fill(429), ...Array(49).fill(200)]);
  expect((await fetch(`${server.origin}${path("video.m3u8")}`)).status).toBe(200);
});

test("long headers are refused", async () => {
  const socket = connect(server.port, "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (piece: string) => {
    text += piece;
  });
  socket.on("error", () => {});
  socket.write(`GET ${path("video.m3u8")} HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Long: ${"x".repeat(9_000)}\r\n\r\n`);
  await once(socket, "close");
  expect(text).toMatch(/^HTTP\/1\.1 431 /);
});
