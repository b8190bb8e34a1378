// Stores over time: one that is away for a minute, one that keeps all, and how far behind a viewer of a store is.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { hostOf } from "../e2e/harness/chain.ts";
import { servePages } from "../e2e/harness/pages.ts";
import { folderAt, packetsOf, pushDestination, pushIsIn, pushMedia } from "../fixtures/push.ts";
import { startPutServer } from "../fixtures/put-server.ts";
import { Cleanup, program, runToEnd, temporaryFolder, until } from "../fixtures/rtmp/processes.ts";
import { bucketAt, startS3 } from "../fixtures/s3.ts";

/** ms for which a store is away. */
const AWAY = 60_000;

const cleanup = new Cleanup();
afterEach(() => cleanup.run(), 30_000);

it("a store that is away for a minute: nobody else notices, what was too much is left out, and it goes on", async () => {
  const [server, other] = [await startPutServer(cleanup), await startPutServer(cleanup)];
  const made = pushDestination(cleanup, folderAt(`hls+http://127.0.0.1:${server.port}/live`));
  const beside = pushDestination(cleanup, folderAt(`hls+http://127.0.0.1:${other.port}/live`));
  const end = await pushMedia(cleanup, made, beside);
  await pushIsIn(made, "live");
  await pushIsIn(beside, "live");
  server.answer = 503;
  await pushIsIn(made, "retrying");
  await sleep(AWAY);
  expect(made.report.state).toBe("retrying");
  expect(beside.report).toMatchObject({ state: "live", reconnects: 0, dropped_frames: 0 });
  server.answer = 200;
  await pushIsIn(made, "live");
  expect(made.report.reconnects).toBe(1);
  expect(made.report.dropped_frames).toBeGreaterThan(600);
  const back = () => server.files.get("/live/video.m3u8")?.body.toString() ?? "";
  await until("the gap to be told", () => back().includes("#EXT-X-DISCONTINUITY\n"), 10_000);
  await sleep(40_000); // until the playlists have moved on, and old segments are gone
  expect(other.log.filter((each) => each.startsWith("DELETE")).length).toBeGreaterThan(50);
  expect(other.files.size).toBeLessThan(2 * 75);
  await end();
  expect(server.early).toEqual([]);
  expect(other.early).toEqual([]);
  expect((await packetsOf(`http://127.0.0.1:${server.port}/live/index.m3u8`)).h264).toBeGreaterThan(600);
}, 240_000);

it("S3 keeps all as a video on demand, which awscli reads back", async () => {
  const env = await startS3(cleanup);
  const made = pushDestination(cleanup, bucketAt("s3://streams/a-talk/1?keep=all", env));
  const end = await pushMedia(cleanup, made);
  await pushIsIn(made, "live");
  await sleep(45_000); // longer than what a live playlist lists
  await end();
  const [aws, folder] = [program("aws", "awscli"), await temporaryFolder(cleanup)];
  const run = async (...args: string[]) => {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    const flags = ["--endpoint-url", env.AWS_ENDPOINT_URL ?? "", "--region", env.AWS_REGION ?? ""];
    const { status, text } = await runToEnd("/usr/bin/env", [...variables, aws, ...flags, ...args], 60_000);
    if (status !== 0) throw new Error(text);
    return text;
  };
  await run("s3", "cp", "--recursive", "s3://streams/a-talk/1", folder);
  const text = readFileSync(join(folder, "video.m3u8"), "utf8");
  expect(text).toContain("#EXT-X-PLAYLIST-TYPE:VOD");
  expect(text).toMatch(/#EXT-X-ENDLIST\n$/);
  expect(text.match(/#EXTINF/g)?.length).toBeGreaterThan(42);
  expect((await packetsOf(join(folder, "index.m3u8"))).h264).toBeGreaterThan(1_200);
  const head = JSON.parse(await run("s3api", "head-object", "--bucket", "streams", "--key", "a-talk/1/video-0.m4s"));
  expect(head).toMatchObject({ ContentType: "video/mp4", CacheControl: "public, max-age=31536000, immutable" });
  await expect(run("s3api", "head-object", "--bucket", "streams", "--key", "a-talk/1/all-video.m3u8")).rejects.toThrow(
    "404",
  );
}, 180_000);

it.each(["medium", "low_bandwidth"] as const)(
  "at %s a viewer of a store is at most 10 s behind; the next host goes on in the same playlists",
  async (quality) => {
    const server = await startPutServer(cleanup);
    const pages = await servePages();
    cleanup.add(() => pages.close());
    const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
    cleanup.add(() => browser.close());
    await browser.goto(pages.url("pattern.html"));
    const url = `hls+http://127.0.0.1:${server.port}/live?keep=all`;
    await browser.startStream({ quality, destinations: [{ url }] });
    const state = async () => {
      const status = await browser.getStreamStatus();
      return status.active ? status.status.destinations[0]?.state : undefined;
    };
    await until("the store to have it", async () => (await state()) === "live", 20_000);
    const page = await browser.page.browser().newPage();
    await page.goto(pages.url("article.html"));
    await page.addScriptTag({ path: join(import.meta.dirname, "../../node_modules/hls.js/dist/hls.js") });
    await page.evaluate((source) => {
      const video = document.body.appendChild(document.createElement("video"));
      const { Hls } = window as unknown as { Hls: typeof import("hls.js").default };
      const hls = new Hls();
      Object.assign(window, { hls });
      video.muted = true;
      hls.loadSource(source);
      hls.attachMedia(video);
      void video.play();
    }, `http://127.0.0.1:${server.port}/live/index.m3u8`);
    const behind = () =>
      page.evaluate(() => {
        const { hls } = window as unknown as { hls: { playingDate: Date | null } };
        return hls.playingDate === null ? null : (Date.now() - hls.playingDate.getTime()) / 1000;
      });
    await until("the viewer to see something", behind, 20_000);
    const seen: number[] = [];
    for (let count = 0; count < 20; count++) {
      await sleep(1_000);
      seen.push((await behind()) ?? Number.POSITIVE_INFINITY);
    }
    console.info(`viewer of the store at ${quality}, s behind:`, seen.map((each) => each.toFixed(1)).join(" "));
    expect(Math.max(...seen)).toBeLessThan(10);

    const segments = () => server.log.filter((each) => /PUT .*video-\d+\.m4s/.test(each)).length;
    const before = segments();
    process.kill(hostOf(process.pid)?.pid ?? 0, "SIGKILL");
    await until(
      "the next host to go on",
      async () => (await state().catch(() => "")) === "live" && segments() > before + 3,
      40_000,
    );
    await browser.stopStream();
    const text = server.files.get("/live/video.m3u8")?.body.toString() ?? "";
    expect(text).toContain("#EXT-X-PLAYLIST-TYPE:VOD");
    expect(text).toContain("#EXT-X-DISCONTINUITY\n");
    expect(text.match(/#EXTINF/g)?.length).toBe(segments());
    expect(server.early).toEqual([]);
  },
  180_000,
);
