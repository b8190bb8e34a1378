// The section "destinations": what host and FFmpeg cost with one destination, and with eight at once, on the same stream in turns.
// Their servers run beside it, and aren't counted.
import { openSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { sleep } from "../../protocol/async.ts";
import { startPutServer } from "../../test/fixtures/put-server.ts";
import { startRtmpServer } from "../../test/fixtures/rtmp/nginx.ts";
import { Cleanup, freePort, program, startProcess } from "../../test/fixtures/rtmp/processes.ts";
import { VIEWPORT } from "../browser.ts";
import type { BenchContext } from "../context.ts";
import { coresBetween, coresElsewhere, takeSnapshot } from "../processes.ts";
import { type Summary, summarize } from "../statistics.ts";

/** What goes to the seven that are added to the first one. */
export const MIXTURES = {
  rtmp: "eight by RTMP",
  mixed: "four by RTMP, two by SRT, two stores",
} as const;
type Mixture = keyof typeof MIXTURES;

/** The section's figures, CPU cores of host and FFmpeg together. */
export interface DestinationsResult {
  /** One by RTMP. */
  readonly one: Summary;
  readonly eight: Record<Mixture, Summary>;
  /** Eight less one, pair by pair. */
  readonly more: Record<Mixture, Summary>;
  /** What everything else on the machine used. */
  readonly elsewhere: Summary;
}

const PAIRS = 4;
/** ms for connections to stand before they are measured. */
const SETTLE = 6_000;
const LIVE_WITHIN = 30_000;

/** Of the SDK, what the bench needs. */
interface FlyBrowserLike {
  goto(url: string): Promise<unknown>;
  startStream(options: object): Promise<unknown>;
  addDestination(destination: object): Promise<{ destination_id: string }>;
  removeDestination(id: string): Promise<unknown>;
  getStreamStatus(): Promise<{ status?: { destinations: { state: string }[] } }>;
  close(): Promise<void>;
}
interface Sdk {
  FlyBrowser: { launch(options: object): Promise<FlyBrowserLike> };
}

async function untilLive(browser: FlyBrowserLike, count: number): Promise<void> {
  for (const end = performance.now() + LIVE_WITHIN; performance.now() < end; await sleep(250)) {
    const { status } = await browser.getStreamStatus();
    if (status?.destinations.filter(({ state }) => state === "live").length === count) return;
  }
  throw new Error(`not all of ${count} destinations were live within ${LIVE_WITHIN / 1000} s`);
}

async function measure(seconds: number): Promise<{ cores: number; elsewhere: number }> {
  await sleep(SETTLE);
  const before = await takeSnapshot([process.pid]);
  await sleep(seconds * 1000);
  const after = await takeSnapshot([process.pid]);
  const { host, ffmpeg } = coresBetween(before, after);
  return { cores: host + ffmpeg, elsewhere: coresElsewhere(before, after) };
}

/** Starts the servers; gives the address of the first destination, and of the seven others by mixture. */
async function startServers(cleanup: Cleanup): Promise<{ first: string; others: Record<Mixture, string[]> }> {
  const rtmp = await startRtmpServer(cleanup, "unused");
  const store = await startPutServer(cleanup);
  const srt: string[] = [];
  for (let count = 0; count < 2; count++) {
    const port = await freePort();
    const args = ["-q", "-a", "yes", `srt://127.0.0.1:${port}?mode=listener`, "file://con"];
    const stdio: ["ignore", number, "ignore"] = ["ignore", openSync("/dev/null", "w"), "ignore"];
    startProcess(cleanup, program("srt-live-transmit", "srt-tools"), args, { stdio });
    srt.push(`srt://127.0.0.1:${port}`);
  }
  const at = (name: number) => `rtmp://127.0.0.1:${rtmp.port}/open/${name}`;
  const stores = [1, 2].map((name) => `hls+http://127.0.0.1:${store.port}/${name}`);
  return {
    first: at(0),
    others: { rtmp: [1, 2, 3, 4, 5, 6, 7].map(at), mixed: [...[1, 2, 3].map(at), ...srt, ...stores] },
  };
}

/** Measures the pairs. @throws Error when a destination doesn't get live */
export async function runDestinations(context: BenchContext): Promise<DestinationsResult> {
  const { FlyBrowser } = (await import(
    pathToFileURL(resolve(import.meta.dirname, "../../dist/sdk/index.js")).href
  )) as Sdk;
  const cleanup = new Cleanup();
  const { first, others } = await startServers(cleanup);
  const browser = await FlyBrowser.launch({ viewport: VIEWPORT });
  const one: number[] = [];
  const elsewhere: number[] = [];
  const eight: Record<Mixture, number[]> = { rtmp: [], mixed: [] };
  const more: Record<Mixture, number[]> = { rtmp: [], mixed: [] };
  try {
    await browser.goto(context.pattern.url({ fps: 30, sound: true }));
    await browser.startStream({ quality: "high", destinations: [{ url: first }] });
    await untilLive(browser, 1);
    for (let pair = 0; pair < (context.quick ? 1 : PAIRS); pair++) {
      for (const mixture of Object.keys(MIXTURES) as Mixture[]) {
        context.progress(`destinations: ${MIXTURES[mixture]}, pair ${pair + 1}`);
        const alone = await measure(context.seconds);
        const added = [];
        for (const url of others[mixture]) added.push((await browser.addDestination({ url })).destination_id);
        await untilLive(browser, 8);
        const all = await measure(context.seconds);
        for (const id of added) await browser.removeDestination(id);
        one.push(alone.cores);
        eight[mixture].push(all.cores);
        more[mixture].push(all.cores - alone.cores);
        elsewhere.push(alone.elsewhere, all.elsewhere);
      }
    }
  } finally {
    await browser.close();
    await cleanup.run();
  }
  const summaries = ({ rtmp, mixed }: Record<Mixture, number[]>) => ({
    rtmp: summarize(rtmp),
    mixed: summarize(mixed),
  });
  return { one: summarize(one), eight: summaries(eight), more: summaries(more), elsewhere: summarize(elsewhere) };
}
