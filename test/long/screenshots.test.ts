// Five screenshots of a whole page, as agents take them, while it is streamed and recorded: one run, one size, for viewers and in the
// file. And a tab whose size doesn't settle, so that its picture is held: the health says so.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { mediaPlaylist, untilMore } from "../e2e/harness/hls.ts";
import { type Site, serveSite } from "../e2e/harness/site.ts";
import { until } from "../e2e/harness/until.ts";
import { frameSizes } from "../host/harness/recorded.ts";

const LONG = `<!doctype html><title>Long</title><body style="margin:0"><canvas width="1280" height="720"></canvas>
  <div style="height:6000px;background:linear-gradient(red,blue)"></div><script>
  let n = 0; const canvas = document.querySelector("canvas").getContext("2d");
  (function tick() {
    canvas.fillStyle = "hsl(" + n++ + " 60% 60%)"; canvas.fillRect(0, 0, 1280, 720); requestAnimationFrame(tick);
  })();
</script>`;

let site: Site;
let browser: FlyBrowser;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "screenshots-test-"));
  site = await serveSite({ "/": { html: LONG } });
  browser = await FlyBrowser.launch({ viewport: { width: 1280, height: 720 } });
  await browser.goto(site.url("/"));
});
afterAll(async () => {
  await browser?.close();
  await site?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("five screenshots of the whole page are one run of one size", async () => {
  const { hls_url } = await browser.startStream({ quality: "high" });
  const path = join(folder, "shots.mp4");
  await browser.startRecording({ path });
  await untilMore(hls_url ?? "");
  for (let shot = 0; shot < 5; shot++) {
    const png = Buffer.from(await browser.page.screenshot({ fullPage: true }));
    expect(png.readUInt32BE(20)).toBe(6_720 + 4); // px, with the line box below the canvas
    await untilMore(hls_url ?? "", 1);
  }
  const status = await browser.getStreamStatus();
  if (!status.active) throw new Error(status.error);
  expect(status.status).toMatchObject({ width: 1280, height: 720, recovery_metrics: { capture_restarts: 0 } });
  const { text } = await mediaPlaylist(hls_url ?? "");
  expect(text.match(/#EXT-X-MAP/g)).toHaveLength(1);
  await browser.stopRecording();
  expect(await frameSizes(path)).toEqual(["1280x720"]);
});

test("while the size of a tab doesn't settle, the health says that its picture stands; and no longer than that", async () => {
  const status = async () => {
    const now = await browser.getStreamStatus();
    if (!now.active) throw new Error(now.error);
    return now.status;
  };
  let shaking = true;
  const shaken = (async () => {
    for (let time = 0; shaking; time++) {
      await browser.page.setViewport({ width: 900 + 100 * (time % 2), height: 720 });
      await sleep(300);
    }
    await browser.page.setViewport({ width: 1280, height: 720 });
  })();
  try {
    const stands = async () =>
      (await status()).health_reasons.some((reason) => String(reason).startsWith("the tab changes, but"));
    await until("it says so", stands, 10_000);
    expect(await status()).toMatchObject({ health: "degraded", state: "active" });
  } finally {
    shaking = false;
    await shaken;
  }
  await until("it is healthy", async () => (await status()).health === "healthy", 10_000);
});
