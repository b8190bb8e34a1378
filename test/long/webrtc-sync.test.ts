// Sound and picture by WebRTC, as a viewer sees and hears them: the page beeps at each whole second and paints the time.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { agesAt, EARLY, LATE } from "../e2e/harness/ages.ts";
import { makeKnownSync, ownDelay } from "../e2e/harness/known-sync.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { WhepViewer } from "../e2e/harness/whep-viewer.ts";

let folder: string;
let pages: Pages;
let browser: FlyBrowser;
let client: WhepViewer;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "webrtc-sync-test-"));
  const film = join(folder, "known-sync.mp4");
  await makeKnownSync(film, 25);
  pages = await servePages({ "known-sync.mp4": film });
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  client = await WhepViewer.open(pages.url("form.html"));
});
afterAll(async () => {
  await client?.close();
  await browser?.close();
  await pages?.close();
  rmSync(folder, { recursive: true, force: true });
});

test("belong together", async () => {
  await browser.goto(pages.url("pattern.html?smooth"));
  const started = await browser.startStream({ quality: "ultra_low_latency" });
  const { index } = await client.connect(started.whep_url ?? "");
  await until("pictures", async () => (await client.stats(index)).frames > 60);
  const { picture, sound, late, pictures, beeps } = await agesAt(client.page, `#v${index}`, 20);
  const own = await ownDelay(client.page, pages.url("known-sync.html"), 10);
  process.stdout.write(
    `By WebRTC the picture is ${picture.toFixed(0)} ms old, the sound ${sound.toFixed(0)} ms (middle of ${pictures} and ${beeps}); ` +
      `${late.toFixed(0)} late, of which ${own.toFixed(0)} are the measurement's\n`,
  );
  expect(late - own).toBeGreaterThan(EARLY);
  expect(late - own).toBeLessThan(LATE);
});
