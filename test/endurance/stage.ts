// What the long runs watch: a real tab that is streamed, recorded and published by RTMP, and somebody who looks at it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page, Target } from "puppeteer-core";
import type { StartStreamResult, StreamStatusInWords as StreamStatus } from "../../protocol/results.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { openViewer, untilPlays, type Viewer } from "../e2e/harness/viewer.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { type RtmpServer, startRtmpServer } from "../fixtures/rtmp/nginx.ts";
import { Cleanup } from "../fixtures/rtmp/processes.ts";

/** Everything that runs. */
export interface Stage {
  readonly browser: FlyBrowser;
  readonly pages: Pages;
  readonly started: StartStreamResult;
  readonly viewer: Viewer;
  readonly rtmp: RtmpServer;
  /** Where the recording comes. */
  readonly file: string;
  readonly folder: string;
  /** The browser's process. */
  readonly pid: number;
  status(): Promise<StreamStatus>;
  /** Runs an expression in the extension's service worker. */
  inWorker(script: string): Promise<unknown>;
  /** Ends what is left of it. */
  close(): Promise<void>;
}

/** Opens it all; `page`: a fixture's name. */
export async function openStage(page = "pattern.html"): Promise<Stage> {
  const cleanup = new Cleanup();
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-endurance-"));
  cleanup.add(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  const before = process.env.FLYBROWSER_RECORDINGS_DIR;
  process.env.FLYBROWSER_RECORDINGS_DIR = join(folder, "notes");
  cleanup.add(() => {
    if (before === undefined) delete process.env.FLYBROWSER_RECORDINGS_DIR;
    else process.env.FLYBROWSER_RECORDINGS_DIR = before;
  });
  try {
    const key = testKey();
    const rtmp = await startRtmpServer(cleanup, key);
    const pages = await servePages();
    cleanup.add(() => pages.close());
    const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
    cleanup.add(() => browser.close());
    await browser.goto(pages.url(page));
    const rtmp_url = `rtmp://127.0.0.1:${rtmp.port}/keyed`;
    const started = await browser.startStream({ protocol: "rtmp", rtmp_url, rtmp_key: key, quality: "medium" });
    const viewer = await openViewer(started.player_url);
    cleanup.add(() => viewer.close());
    await untilPlays(viewer);
    const file = join(folder, "all.mp4");
    await browser.startRecording({ path: file });
    const isWorker = (target: Target) => target.type() === "service_worker";
    return {
      ...{ browser, pages, started, viewer, rtmp, file, folder },
      pid: (browser.page as Page).browser().process()?.pid ?? 0,
      status: () => browser.getStreamStatus(),
      inWorker: async (script) => {
        // Detached at once: a worker that Chrome stops while a driver is attached doesn't come back (Chromium 156).
        const target = await browser.page.browser().waitForTarget(isWorker, { timeout: 5_000 });
        const session = await target.createCDPSession();
        const expression = { expression: script, awaitPromise: true, returnByValue: true };
        const { result } = await session.send("Runtime.evaluate", expression).finally(() => session.detach());
        return result.value;
      },
      close: () => cleanup.run(),
    };
  } catch (thrown) {
    await cleanup.run();
    throw thrown;
  }
}
