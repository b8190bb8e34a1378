// Pictures of a stream, its previews, its embedding, and the wall: what is served to whom, and how often a picture is made.
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { getLogger } from "@logtape/logtape";
import { afterAll, beforeAll, expect, test } from "vitest";
import { jpegOf } from "../../../../native-host/ffmpeg/picture.ts";
import { LiveStreams } from "../../../../native-host/http/live-streams.ts";
import { Posters } from "../../../../native-host/http/posters.ts";
import { createHttpServer, type HttpServer } from "../../../../native-host/http/server.ts";
import { feed, makeRun } from "../packager/media.ts";
import { TestStream, TOKEN } from "./live-stream.ts";

const CONTROL = "control-token-of-the-tests";
const WALL = "wall-token-of-the-tests";
const folder = mkdtempSync(join(tmpdir(), "flybrowser-player-"));
const streams = new LiveStreams();
const stream = new TestStream();
let server: HttpServer;
let origin: string;
let made = 0;

beforeAll(async () => {
  const html = '<!doctype html><head><script src="./assets/a.js"></script></head><body></body>';
  for (const file of ["index.html", "wall.html"]) writeFileSync(join(folder, file), html);
  for (const _ of feed(stream.packager, 0, await makeRun({ seconds: 3, offset: 0.5 })));
  streams.add(stream);
  server = createHttpServer({
    ...{ streams, player_directory: folder, log: getLogger(["test"]) },
    makePoster: (media) => {
      made++;
      return jpegOf("ffmpeg", media);
    },
    wall: { control_token: CONTROL, wall_token: WALL },
  });
  origin = `http://127.0.0.1:${await server.listen({ port: 0 })}`;
}, 60_000);
afterAll(async () => {
  streams.close();
  await server.close();
  rmSync(folder, { recursive: true });
});

const get = (path: string, headers: Record<string, string> = {}) => fetch(origin + path, { headers });
const at = (file: string) => `/s/one/${TOKEN}/${file}`;

test("the poster is the newest keyframe as a JPEG, made once for all who ask", async () => {
  const answers = await Promise.all(Array.from({ length: 5 }, () => get(at("poster.jpg"))));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect(answers[0]?.headers.get("content-type")).toBe("image/jpeg");
  const file = join(folder, "poster.jpg");
  writeFileSync(file, Buffer.from(await (answers[0] as Response).arrayBuffer()));
  const probe = ["-v", "error", "-show_entries", "stream=codec_name,width,height", "-of", "csv=p=0", file];
  expect((await promisify(execFile)("ffprobe", probe)).stdout.trim()).toBe("mjpeg,320,180");
  expect(made).toBe(1);
});

test("the keyframe alone decodes by itself, for who has a decoder", async () => {
  const answer = await get(at("keyframe.mp4"));
  const file = join(folder, "keyframe.mp4");
  writeFileSync(file, Buffer.from(await answer.arrayBuffer()));
  const probe = ["-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "csv=p=0", file];
  expect(Number((await promisify(execFile)("ffprobe", probe)).stdout.trim())).toBeGreaterThan(0);
});

test("pictures are made one at a time, few wait, and who is refused gets the last one or none", async () => {
  let running = 0;
  let most = 0;
  const done: (() => void)[] = [];
  const posters = new Posters(async () => {
    most = Math.max(most, ++running);
    await new Promise<void>((resolve) => done.push(resolve));
    running--;
    return Buffer.from("jpeg");
  });
  const asked = Array.from({ length: 12 }, (_, index) => posters.get({}, { id: String(index), data: [] }));
  expect(await Promise.all(asked.slice(8))).toEqual([null, null, null, null]);
  for (let finished = 0; finished < 8; finished++) {
    while (done.length === 0) await new Promise(setImmediate);
    done.shift()?.();
  }
  expect((await Promise.all(asked.slice(0, 8))).map(String)).toEqual(Array(8).fill("jpeg"));
  expect(most).toBe(1);
});

test("the player's page has its preview, and may be shown inside other pages; the wall may not", async () => {
  const player = await get(at("player"));
  const html = await player.text();
  const base = `http://127.0.0.1:1/s/one/${TOKEN}`;
  expect(html).toContain(`<meta property="og:image" content="${base}/poster.jpg">`);
  expect(html).toContain(`href="${base}/oembed.json"`);
  expect(html).toContain('src="../../../assets/a.js"');
  expect(player.headers.get("content-security-policy")).toMatch(/frame-ancestors 'self' https: http:\/\/localhost:\*/);
  const wall = await get("/wall");
  expect(wall.headers.get("content-security-policy")).toMatch(/frame-ancestors 'none'/);
  const told = (await (await get(at("oembed.json"))).json()) as Record<string, unknown>;
  expect(told).toMatchObject({ version: "1.0", type: "video", width: 320, height: 180 });
  expect(told.html).toContain(`<iframe src="${base}/player?embed=1" width="320" height="180"`);
});

test("the wall's list is for the control token or the wall's own link, and for those whom each stream is shared with", async () => {
  const list = async (path: string, headers = {}) => {
    const answer = await get(path, headers);
    return answer.ok ? ((await answer.json()) as { streams: object[] }).streams : answer.status;
  };
  expect(await list("/wall/streams")).toBe(401);
  expect(await list("/wall/streams", { authorization: "Bearer wrong" })).toBe(401);
  expect(await list(`/wall/${WALL.replace("w", "x")}/streams`)).toBe(404);
  const [found] = (await list("/wall/streams", { authorization: `Bearer ${CONTROL}` })) as object[];
  expect(found).toMatchObject({ stream_id: "one", path: `/s/one/${TOKEN}`, state: "active" });
  expect(await list(`/wall/${WALL}/streams`)).toHaveLength(1);
  const html = await (await get(`/wall/${WALL}/`)).text();
  expect(html).toContain('src="../../assets/a.js"');
});
