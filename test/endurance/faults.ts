// What can happen to a stream, by docs/reliability.md. A fault resolves when its cause is over; what it takes to go on afterwards
// is the product's.
import { setTimeout as sleep } from "node:timers/promises";
import { ffmpegsOf, hostOf } from "../e2e/harness/chain.ts";
import { countPictures } from "../e2e/harness/viewer.ts";
import type { Random } from "./random.ts";
import type { Stage } from "./stage.ts";

/** A kind of fault. */
export interface Fault {
  readonly name: string;
  /** ms after its cause is over, within which the stream must give media again: the limits of the reliability page. */
  readonly limit: number;
  happen(stage: Stage, random: Random): Promise<void>;
}

const TAB = "(await chrome.tabs.query({ url: 'http://127.0.0.1/*' }))[0].id";

function signal(pid: number | undefined, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(pid, name);
  } catch {
    // it has ended already
  }
}

async function freeze(pid: number | undefined, ms: number): Promise<void> {
  signal(pid, "SIGSTOP");
  await sleep(ms);
  signal(pid, "SIGCONT");
}

/** All of them. */
export const FAULTS: readonly Fault[] = [
  { name: "FFmpeg killed", limit: 3_000, happen: async ({ pid }) => signal(ffmpegsOf(pid)[0]?.pid, "SIGKILL") },
  {
    name: "FFmpeg frozen for good",
    limit: 3_000,
    happen: async ({ pid }) => signal(ffmpegsOf(pid)[0]?.pid, "SIGSTOP"),
  },
  { name: "host killed", limit: 5_000, happen: async ({ pid }) => signal(hostOf(pid)?.pid, "SIGKILL") },
  {
    name: "host frozen",
    limit: 3_000,
    happen: ({ pid }, random) => freeze(hostOf(pid)?.pid, random.between(1_000, 4_000)),
  },
  {
    name: "service worker stopped",
    limit: 5_000,
    happen: async ({ browser }) => {
      const session = await browser.page.createCDPSession();
      await session.send("ServiceWorker.enable");
      await session.send("ServiceWorker.stopAllWorkers");
      await session.detach();
    },
  },
  {
    name: "offscreen document closed",
    limit: 3_000,
    happen: async ({ inWorker }) => void (await inWorker("chrome.offscreen.closeDocument()")),
  },
  {
    name: "page crashed, then loaded again",
    limit: 3_000,
    happen: async ({ browser, inWorker }, random) => {
      const session = await browser.page.createCDPSession();
      session.send("Page.crash").catch(() => {}); // nothing answers any more
      await sleep(random.between(500, 6_000));
      await inWorker(`(async () => chrome.tabs.reload(${TAB}))()`);
    },
  },
  {
    name: "page navigated",
    limit: 1_000,
    happen: async ({ browser, pages }) => void (await browser.goto(pages.url("pattern.html"))),
  },
  {
    name: "tab resized",
    limit: 3_000,
    // All of one shape, so that the pattern can be read in the recorded file.
    happen: ({ browser }, random) => {
      const width = random.pick([480, 560, 720, 800]);
      return browser.page.setViewport({ width, height: (width * 9) / 16 });
    },
  },
  {
    name: "screenshot of the whole page",
    limit: 1_000,
    happen: async ({ browser }) => {
      await browser.page.evaluate(() => {
        const long = document.createElement("div");
        long.id = "long";
        long.style.cssText = "position: absolute; top: 0; width: 1px; height: 4000px";
        for (const box of [document.documentElement, document.body]) box.style.cssText = "overflow: visible";
        document.body.append(long);
      });
      await browser.page.screenshot({ fullPage: true });
      await browser.page.evaluate('document.getElementById("long").remove()');
    },
  },
  {
    name: "RTMP server away",
    limit: 0,
    happen: async ({ rtmp }, random) => {
      await rtmp.kill();
      await sleep(random.between(500, 5_000));
      await rtmp.start();
    },
  },
  {
    name: "viewer gone and back",
    limit: 0,
    happen: async ({ viewer, started }, random) => {
      await viewer.page.goto("about:blank");
      await sleep(random.between(200, 2_000));
      await viewer.page.goto(started.player_url);
      await countPictures(viewer.page);
    },
  },
];
