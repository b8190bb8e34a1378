// A page on which nothing moves: few frames, parts in time all the same, and what changes is seen at once.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { untilMore } from "./harness/hls.ts";
import { videoPackets } from "./harness/packets.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { picturesOf } from "./harness/secret.ts";
import { until } from "./harness/until.ts";

let pages: Pages;
let browser: FlyBrowser;
let folder: string;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  folder = await mkdtemp(join(tmpdir(), "flybrowser-still-"));
});

afterAll(async () => {
  await browser?.close();
  await pages?.close();
  await rm(folder, { recursive: true, force: true });
});

const part = /^#EXT-X-PART:DURATION=([\d.]+),URI="([^"]+)"/;

/** s of all parts but the last of each segment, and those last ones; the segment being made is left out. */
function parts(playlist: string): { inner: number[]; last: number[] } {
  const [inner, last]: [number[], number[]] = [[], []];
  let open: number[] = [];
  for (const line of playlist.split("\n")) {
    const [, duration] = part.exec(line) ?? [];
    if (duration) open.push(Number(duration));
    if (!line.startsWith("#EXTINF")) continue;
    inner.push(...open.slice(0, -1));
    last.push(...open.slice(-1));
    open = [];
  }
  return { inner, last };
}

test("few frames and every part in time; a change is in the newest part at once, and movement comes at its rate", async () => {
  await browser.goto(pages.url("static.html"));
  const { hls_url } = await browser.startStream({ quality: "medium", renditions: "source" });
  const video = new URL("video.m3u8", hls_url ?? "");
  const playlist = async () => (await fetch(video)).text();
  await untilMore(video.href, 5);
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  expect(status.status.health).toBe("healthy");
  expect(status.status.metrics.current_fps).toBeLessThanOrEqual(10);
  const text = await playlist();
  const target = Number(/PART-TARGET=([\d.]+)/.exec(text)?.[1]);
  const { inner, last } = parts(text);
  for (const duration of [...inner, ...last]) expect(duration).toBeLessThanOrEqual(target + 0.001);
  for (const duration of inner) expect(duration).toBeGreaterThanOrEqual(0.85 * target - 0.001);

  await browser.page.evaluate(() => {
    document.documentElement.style.background = "rgb(20 60 160)";
    document.body.remove();
  });
  const changed = performance.now();
  const file = join(folder, "newest.mp4");
  const newest = async () => {
    const now = await playlist();
    const init = /EXT-X-MAP:URI="([^"]+)"/.exec(now)?.[1] ?? "";
    const open = now.slice(now.lastIndexOf("#EXTINF")).split("\n");
    const uris = [init, ...open.flatMap((line) => part.exec(line)?.[2] ?? [])];
    if (uris.length < 2) return false;
    const read = (uri: string) => fetch(new URL(uri, video)).then((answer) => answer.arrayBuffer());
    await writeFile(file, Buffer.concat((await Promise.all(uris.map(read))).map((bytes) => Buffer.from(bytes))));
    return (await picturesOf(file, 5)).at(-1) === "plain";
  };
  await until("the change in the newest part", newest, 10_000);
  console.info(`the change was in a part after ${((performance.now() - changed) / 1000).toFixed(2)} s at most`);

  await browser.page.evaluate(async () => {
    for (let count = 0; count < 90; count++) {
      document.documentElement.style.background = `rgb(20 60 ${100 + (count % 2) * 120})`;
      await new Promise(requestAnimationFrame);
    }
  });
  await untilMore(video.href, 2);
  await browser.stopStream();
  const at = (await videoPackets(video.href)).map((packet) => packet.at);
  const most = Math.max(...at.map((from) => at.filter((each) => each >= from && each < from + 1).length));
  expect(most).toBeGreaterThan(15);
  expect(at.length).toBeLessThan(15 * ((at.at(-1) ?? 0) - (at[0] ?? 0)));
  const gaps = at.slice(1).map((each, index) => each - (at[index] ?? 0));
  expect(Math.min(...gaps)).toBeGreaterThan(0);
});

test("a page that has stood still since it was opened starts, again and again", async () => {
  await browser.goto(pages.url("sound.html"));
  for (let count = 0; count < 2; count++) {
    expect(await browser.startStream({ quality: "local_high" })).toMatchObject({ status: "active" });
    await browser.stopStream();
  }
});
