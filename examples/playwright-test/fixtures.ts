// A Playwright Test fixture: each test has a live link while it runs, and its recording in the report. In your suite, import `test` from
// here instead of from "@playwright/test"; nothing else changes.
import { test as base, chromium, type Page } from "@playwright/test";
import { FlyBrowser } from "flybrowser-stream";

/** Tests with a link and a recording. */
export const test = base.extend<{ live: FlyBrowser<Page> }>({
  // Chrome runs extensions in a browser's own context alone.
  // biome-ignore lint/correctness/noEmptyPattern: Playwright wants to see which fixtures a fixture takes
  context: async ({}, use) => {
    const { user_data_dir, playwright } = await FlyBrowser.launchOptions();
    const context = await chromium.launchPersistentContext(user_data_dir, playwright);
    await use(context);
    await context.close();
  },
  page: async ({ context }, use) => use(context.pages()[0] ?? (await context.newPage())),
  live: [
    async ({ page }, use, testInfo) => {
      const live = await FlyBrowser.attach(page, { show_actions: true });
      const { player_url } = await live.startStream();
      testInfo.annotations.push({ type: "Watch", description: player_url });
      console.log(`Watch ${testInfo.title}: ${player_url}`);
      await live.startRecording({ path: testInfo.outputPath("recording.mp4") });
      const { task_id } = live.beginTask(testInfo.title);
      await use(live);
      const failed = testInfo.status !== testInfo.expectedStatus;
      live.endTask(task_id, failed ? { state: "failed", detail: testInfo.error?.message ?? "" } : {});
      const { file_path } = await live.stopRecording();
      await testInfo.attach("recording", { path: file_path, contentType: "video/mp4" });
      await live.close();
    },
    { auto: true }, // for every test, whether it names it or not
  ],
});

export { expect } from "@playwright/test";
