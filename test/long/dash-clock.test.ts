// A viewer by DASH while somebody sets clocks: the host's, whose next Period tells the new dates; then the viewer's own. It plays on, and the
// latency that it shows is that of the picture.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "../e2e/harness/viewer.ts";
import { HostProcess } from "../host/harness/host-process.ts";
import { childrenOf } from "../host/harness/processes.ts";
import { Publisher } from "../host/harness/publisher.ts";

const HOUR = 3_600_000;
const PRELOAD = join(import.meta.dirname, "../fixtures/stepped-wall-clock.mjs");

const closers: (() => Promise<unknown> | unknown)[] = [];
let host: HostProcess;
let publisher: Publisher;
let viewer: Viewer;
let set: (ahead: number) => void;

beforeAll(async () => {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-dash-clock-"));
  closers.push(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "ahead");
  set = (ahead) => writeFileSync(file, String(ahead));
  set(0);
  host = new HostProcess({ env: { NODE_OPTIONS: `--import ${PRELOAD}`, STEPPED_WALL_CLOCK: file } });
  closers.push(() => host.close());
  await host.hello();
  publisher = await Publisher.open(host, { options: { quality: "medium", renditions: "source" } });
  closers.push(() => publisher.abandon());
  const { player_url } = await publisher.playable();
  viewer = await openViewer(`${player_url}?protocol=dash`);
  closers.push(() => viewer.close());
  await untilPlays(viewer);
});
afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** s, as the player shows it; null: it shows none now. */
async function latency(): Promise<number | null> {
  const text = await viewer.page.$eval("header", (header) => header.textContent ?? "");
  const [, value, unit] = /([\d.,]+)\s*(ms|s) latency/.exec(text) ?? [];
  return value === undefined ? null : Number(value.replaceAll(",", "")) / (unit === "ms" ? 1000 : 1);
}

/** It plays, live, and shows how far behind it is, and how far one can go back. */
async function isLive(): Promise<void> {
  await untilPlays(viewer);
  await until("the viewer says Live", async () => (await viewer.word()) === "Live");
  await until("a latency below 10 s", async () => ((await latency()) ?? Number.POSITIVE_INFINITY) < 10, 30_000);
  const back = () => viewer.page.$eval(".scrubber", (scrubber) => -Number((scrubber as HTMLInputElement).min));
  await until("the way back is known", async () => (await back()) > 5, 20_000);
  expect(await viewer.page.$eval(".player", (player) => player.getAttribute("data-protocol"))).toBe("dash");
}

test.each([HOUR, -HOUR])("the host's clock is set to %d ms", async (ms) => {
  await isLive();
  set(ms);
  process.kill(host.pid, "SIGUSR2");
  await isLive();
  const wanted = host.heard("run_needed").length;
  for (const pid of await childrenOf(host.pid)) process.kill(pid, "SIGKILL");
  await until("a wish for a fresh run", () => host.heard("run_needed").length > wanted);
  await publisher.freshRun();
  await until("the MPD tells the new dates", async () => {
    const mpd = await (await fetch(new URL("manifest.mpd", viewer.page.url()))).text();
    const [, date = ""] = [...mpd.matchAll(/ProducerReferenceTime id="1".*? wallClockTime="(\S+)"/g)].at(-1) ?? [];
    return Math.abs(Date.parse(date) - Date.now() - ms) < 20_000;
  });
  // Past what was loaded of the run before.
  const at = await viewer.page.$eval("video", (video) => video.currentTime);
  await until(
    "the next Period is played",
    () => viewer.page.$eval("video", (video, at) => video.currentTime > at + 5, at),
    30_000,
  );
  await isLive();
});

test.each([-HOUR, HOUR])("the viewer's clock is set by %d ms", async (ms) => {
  await isLive();
  const at = await viewer.page.$eval("video", (video) => video.currentTime);
  await viewer.page.evaluate((ms) => {
    const Before = Date;
    globalThis.Date = class extends Before {
      constructor(...args: unknown[]) {
        super(...((args.length === 0 ? [Before.now() + ms] : args) as [number]));
      }
      static override now() {
        return Before.now() + ms;
      }
    } as DateConstructor;
  }, ms);
  await until(
    "it plays past what it had",
    () => viewer.page.$eval("video", (video, at) => video.currentTime > at + 10, at),
    30_000,
  );
  await isLive();
  // It knows where live is: what it falls behind it makes good.
  const before = (await latency()) ?? 0;
  await viewer.page.$eval("video", (video) => {
    video.currentTime -= 2;
  });
  await until("it is behind", async () => ((await latency()) ?? 0) > before + 1);
  await until("it has caught up", async () => ((await latency()) ?? Number.POSITIVE_INFINITY) < before + 0.7, 30_000);
});
