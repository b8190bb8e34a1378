// The recording of a stream that has ended, as its viewers get it: whole, in ranges, and only if it is offered.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getLogger } from "@logtape/logtape";
import { afterAll, beforeAll, expect, test } from "vitest";
import { LiveStreams } from "../../../../native-host/http/live-streams.ts";
import type { OfferedRecordings } from "../../../../native-host/http/offered-recordings.ts";
import { createHttpServer, type HttpServer } from "../../../../native-host/http/server.ts";
import { TestStream, TOKEN } from "./live-stream.ts";

const folder = mkdtempSync(join(tmpdir(), "flybrowser-offered-"));
const file_path = join(folder, "talk.mp4");
const CONTENT = Buffer.from(Array.from({ length: 1_000 }, (_, index) => index % 251));
let offered: ReturnType<OfferedRecordings>;
let server: HttpServer;
let base = "";
const stream = new TestStream("one");

beforeAll(async () => {
  writeFileSync(file_path, CONTENT);
  const streams = new LiveStreams();
  const log = getLogger(["test", "http"]);
  server = createHttpServer({ streams, player_directory: "/nonexistent", log, offered: () => offered });
  base = `http://127.0.0.1:${await server.listen({ port: 0 })}/s/one/${TOKEN}`;
  streams.add(stream);
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

const state = async () => (await (await fetch(`${base}/state`)).json()) as { recording?: string | null };
const ask = (range?: string, method = "GET") =>
  fetch(`${base}/recording`, { method, headers: range === undefined ? {} : { range } });

test("there is none while the stream lives, if none is offered, or while it is being made", async () => {
  offered = { file_path, format: "mp4" };
  expect([(await ask()).status, "recording" in (await state())]).toEqual([404, false]);
  stream.packager.end();
  offered = undefined;
  expect([(await ask()).status, "recording" in (await state())]).toEqual([404, false]);
  offered = null;
  expect([(await ask()).status, (await state()).recording]).toEqual([404, null]);
});

test("then it is there, whole and in ranges, by the link's token alone", async () => {
  offered = { file_path, format: "mp4" };
  expect((await state()).recording).toBe("recording");
  const whole = await ask();
  const facts = ["content-type", "content-length", "accept-ranges"].map((name) => whole.headers.get(name));
  expect([whole.status, ...facts]).toEqual([200, "video/mp4", "1000", "bytes"]);
  expect(Buffer.from(await whole.arrayBuffer()).equals(CONTENT)).toBe(true);
  for (const [range, from, to] of [
    ["bytes=10-19", 10, 19],
    ["bytes=990-", 990, 999],
    ["bytes=-5", 995, 999],
  ] as const) {
    const part = await ask(range);
    expect([part.status, part.headers.get("content-range")]).toEqual([206, `bytes ${from}-${to}/1000`]);
    expect(Buffer.from(await part.arrayBuffer()).equals(CONTENT.subarray(from, to + 1))).toBe(true);
  }
  const beyond = await ask("bytes=1000-");
  expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, "bytes */1000"]);
  const head = await ask(undefined, "HEAD");
  expect([head.status, head.headers.get("content-length"), (await head.arrayBuffer()).byteLength]).toEqual([
    200,
    "1000",
    0,
  ]);
  expect((await fetch(`${base.replace(TOKEN, "A".repeat(24))}/recording`)).status).toBe(404);
});

test("a file that was moved away is no longer there", async () => {
  offered = { file_path: join(folder, "moved.mp4"), format: "mp4" };
  expect((await ask()).status).toBe(404);
});
