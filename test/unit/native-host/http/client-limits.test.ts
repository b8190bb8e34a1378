// One viewer who floods is held back; the others notice nothing.
import { execFile } from "node:child_process";
import { once } from "node:events";
import { Agent, get } from "node:http";
import { connect } from "node:net";
import { promisify } from "node:util";
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
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
afterEach(() => server.close());

const path = (name: string) => `/s/one/${TOKEN}/${name}`;

/** A program with 20 connections, each of which sends 500 requests at once; says how many were closed in 4 s. */
const FLOOD = `
  const [, port, path] = process.argv;
  const text = ("GET " + path + " HTTP/1.1\\r\\nHost: 127.0.0.1\\r\\n\\r\\n").repeat(500);
  const sockets = Array.from({ length: 20 }, () => require("node:net").connect(port, "127.0.0.1"));
  for (const socket of sockets) socket.on("error", () => {}).resume().write(text);
  const began = Date.now();
  setInterval(() => {
    const closed = sockets.filter((socket) => socket.closed).length;
    if (closed < 20 && Date.now() - began < 4_000) return;
    process.stdout.write(String(closed));
    process.exit();
  }, 50);
`;

/** Sends requests on one connection without waiting, and gives the statuses of what comes within `ms`, and whether it was closed by then. */
async function pipeline(
  paths: readonly string[],
  ms: number,
  header = "",
): Promise<{ statuses: number[]; closed: boolean }> {
  const socket = connect(server.port, "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (piece: string) => {
    text += piece;
  });
  socket.on("error", () => {});
  await once(socket, "connect");
  for (const each of paths) socket.write(`GET ${each} HTTP/1.1\r\nHost: 127.0.0.1\r\n${header}\r\n`);
  await new Promise((resolve) => setTimeout(resolve, ms));
  const { closed } = socket;
  socket.destroy();
  return { statuses: [...text.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, status]) => Number(status)), closed };
}

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
  const began = performance.now();
  const flood = promisify(execFile)(process.execPath, ["-e", FLOOD, String(server.port), path(next ?? "")]);
  const waits: number[] = [];
  while (performance.now() - began < 1_500) {
    const asked = performance.now();
    expect((await fetch(`${server.origin}${path("video.m3u8")}`)).status).toBe(200);
    waits.push(performance.now() - asked);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect((await flood).stdout).toBe("20");
  expect(waits.length).toBeGreaterThan(10);
  expect(waits.sort((a, b) => a - b)[Math.floor(waits.length / 2)]).toBeLessThan(100);
});

test("playlists without pause are answered 429 with Retry-After, and the next connection is let in", async () => {
  const statuses: (number | undefined)[] = [];
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  for (let count = 0; count < 300; count++) {
    const { status, retry } = await ask(agent, path("video.m3u8"));
    statuses.push(status);
    expect(retry).toBe(status === 429 ? "1" : undefined);
  }
  agent.destroy();
  expect(statuses.slice(0, 200).every((status) => status === 200)).toBe(true);
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(20);
  expect((await fetch(`${server.origin}${path("video.m3u8")}`)).status).toBe(200);
});

test("long headers are refused", async () => {
  expect(await pipeline([path("video.m3u8")], 300, `X-Long: ${"x".repeat(9_000)}\r\n`)).toMatchObject({
    statuses: [431],
  });
});
