// Sound and picture by WebRTC, as a viewer sees and hears them: the page beeps at each whole second and paints the time.
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { agesAt, EARLY, LATE } from "../e2e/harness/ages.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { WhepViewer } from "../e2e/harness/whep-viewer.ts";

let pages: Pages;
let browser: FlyBrowser;
let client: WhepViewer;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  client = await WhepViewer.open(pages.url("form.html"));
});
afterAll(async () => {
  await client?.close();
  await browser?.close();
  await pages?.close();
});

test("belong together", async () => {
  await browser.goto(pages.url("pattern.html?smooth"));
  const started = await browser.startStream({ quality: "ultra_low_latency" });
  const { index } = await client.connect(started.whep_url ?? "");
  await until("pictures", async () => (await client.stats(index)).frames > 60);
  const { picture, sound, pictures, beeps } = await agesAt(client.page, `#v${index}`, 20);
  process.stdout.write(
    `By WebRTC the picture is ${picture.toFixed(0)} ms old, the sound ${sound.toFixed(0)} ms (middle of ${pictures} and ${beeps})\n`,
  );
  expect(sound - picture).toBeGreaterThan(EARLY);
  expect(sound - picture).toBeLessThan(LATE);
});
