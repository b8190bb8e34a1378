// The section "latency": glass to glass, for each protocol. A second browser opens the player and reads the painted time back out
// of its <video>.
import type { Browser, Page } from "puppeteer-core";
import { sleep } from "../../protocol/async.ts";
import { launchBrowser } from "../browser.ts";
import { startChain } from "../chain.ts";
import type { BenchContext } from "../context.ts";
import { bundle } from "../pattern/bundle.ts";
import type { Reading, Seen } from "../pattern/reader.ts";
import { longGaps, percentile } from "../statistics.ts";

/** Figures of one way. */
export interface LatencyFigures {
  /** ms */
  readonly p50: number;
  readonly p95: number;
  readonly min: number;
  readonly max: number;
  /** Distinct frames a second at the viewer. */
  readonly distinct_fps: number;
  /** Times without a new frame for longer than {@link STALL}. */
  readonly stalls: number;
  /** ms */
  readonly longest_gap: number;
  readonly unreadable: number;
  readonly video: string;
}

/** A row of the table. */
export interface LatencyRow {
  readonly way: string;
  readonly title: string;
  readonly figures: LatencyFigures | null;
  /** Why there are no figures. */
  readonly failed: string | null;
}

/** The protocols by the name that the player knows (`player_url?protocol=…`). */
export const WAYS = [
  { way: "webrtc", title: "WebRTC" },
  { way: "live", title: "live engine" },
  { way: "ll-hls", title: "low-latency HLS" },
  { way: "dash", title: "low-latency DASH" },
  { way: "hls", title: "plain HLS" },
] as const;

/** No new frame for so long counts as a stall, ms. */
export const STALL = 500;
const SETTLE = 10_000;
const FIRST_FRAME_TIMEOUT = 20_000;

/** Figures of what a reader saw over `seconds`. @throws Error when it saw nothing. */
export function latencyFigures(reading: Reading, seconds: number): LatencyFigures {
  const first = new Map<number, Seen>();
  for (const seen of reading.seen) if (!first.has(seen[0])) first.set(seen[0], seen);
  if (first.size === 0) throw new Error(`no readable frame among ${reading.unreadable}`);
  const latencies = [...first.values()].map((seen) => seen[3]);
  const gaps = longGaps(
    [...first.values()].map((seen) => seen[2]),
    STALL,
  );
  return {
    p50: percentile(latencies, 0.5),
    p95: percentile(latencies, 0.95),
    min: percentile(latencies, 0),
    max: percentile(latencies, 1),
    distinct_fps: first.size / seconds,
    stalls: gaps.count,
    longest_gap: gaps.longest,
    unreadable: reading.unreadable,
    video: `${reading.video_width}x${reading.video_height}`,
  };
}

const take = (page: Page): Promise<Reading> => page.evaluate(() => window.takeReading());
const wayAtWork = (page: Page) =>
  page.evaluate(() => document.querySelector("[data-protocol]")?.getAttribute("data-protocol") ?? "");

async function measureWay(
  browser: Browser,
  playerUrl: string,
  way: string,
  reader: string,
  seconds: number,
): Promise<LatencyFigures> {
  const page = await browser.newPage();
  try {
    await page.evaluateOnNewDocument(reader);
    await page.goto(`${playerUrl}?protocol=${way}`, { waitUntil: "domcontentloaded", timeout: 20_000 });
    const end = Date.now() + FIRST_FRAME_TIMEOUT;
    while ((await take(page)).seen.length === 0) {
      if (Date.now() > end) throw new Error(`no frame within ${FIRST_FRAME_TIMEOUT / 1000} s`);
      await sleep(250);
    }
    const taken = await wayAtWork(page);
    if (taken !== way) throw new Error(`not offered: the player took ${taken || "a way it doesn't name"}`);
    await sleep(SETTLE);
    await take(page); // forget what came while it settled
    const began = performance.now();
    await sleep(seconds * 1000);
    const reading = await take(page);
    const after = await wayAtWork(page);
    if (after !== way) throw new Error(`the player fell back to ${after}`);
    return latencyFigures(reading, (performance.now() - began) / 1000);
  } finally {
    await page.close();
  }
}

/** Measures all ways on one stream. A way that isn't there gives a row that says so. */
export async function runLatency(context: BenchContext): Promise<LatencyRow[]> {
  const reader = await bundle("bench/pattern/reader.ts");
  const chain = await startChain(context.pattern.url({ fps: 30, sound: true }), "ultra_low_latency");
  try {
    const browser = await launchBrowser();
    try {
      const rows: LatencyRow[] = [];
      for (const { way, title } of WAYS) {
        context.progress(`latency: ${title}`);
        try {
          const figures = await measureWay(browser, chain.result.player_url, way, reader, context.seconds);
          rows.push({ way, title, figures, failed: null });
        } catch (error) {
          rows.push({ way, title, figures: null, failed: error instanceof Error ? error.message : String(error) });
        }
      }
      return rows;
    } finally {
      await browser.close();
    }
  } finally {
    await chain.stop();
  }
}
