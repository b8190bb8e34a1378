// Measures one subject: starts its process, lets it settle, takes CPU and memory over a while, then counts the distinct frames
// that came out in that time.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { LATE, sleep, timeout } from "../../protocol/async.ts";
import { PartReader } from "../hls/part-reader.ts";
import { PlainReader } from "../hls/plain-reader.ts";
import { readPatternsOfFile } from "../pattern/read-file.ts";
import { type ByRole, coresBetween, coresElsewhere, memoryByRole, takeSnapshot } from "../processes.ts";
import { percentile } from "../statistics.ts";
import type { SubjectName, SubjectOutput } from "./subject.ts";
import { type WebRtcAudience, WebRtcViewers } from "./webrtc-viewers.ts";

/** What one measurement gave. */
export interface CostSample {
  /** CPU cores. */
  readonly cores: ByRole;
  /** MiB */
  readonly memory: ByRole;
  /** Frames with a pattern not seen before, a second. */
  readonly distinct_fps: number;
  /** ms from the page to the glass of the first viewer by WebRTC, median; `null`: there is none. */
  readonly latency: number | null;
  /** CPU cores that everything else on the machine used meanwhile. */
  readonly elsewhere: number;
}

const START_TIMEOUT = 150_000; // puppeteer-stream may have to be installed first
const FINISH_TIMEOUT = 45_000;
const SETTLE = 5_000;
/** ms that a frame may take to the output before the reader is stopped. */
const DRAIN = 4_000;

type Driver = ChildProcessByStdio<Writable, Readable, null>;
type Line = {
  ready?: { hls_url: string | null; webrtc: WebRtcAudience | null };
  output?: SubjectOutput;
  failed?: string;
};

/** Distinct stamps that were painted within [from, to), in ms since 1970, a second. */
export function distinctFps(times: readonly { time: number; frame: number }[], from: number, to: number): number {
  const range = 2 ** 32; // patterns carry the time modulo that
  const inside = times.filter(({ time }) => (((time - from) % range) + range) % range < to - from);
  return new Set(inside.map(({ time, frame }) => `${time} ${frame}`)).size / ((to - from) / 1000);
}

async function nextLine(lines: AsyncIterator<string>, driver: Driver, within: number): Promise<Line> {
  const next = await timeout(lines.next(), within);
  if (next === LATE) throw new Error(`nothing for ${within / 1000} s`);
  if (next.done) throw new Error(`the process ended with ${driver.exitCode}`);
  const line = JSON.parse(next.value) as Line;
  if (line.failed !== undefined) throw new Error(line.failed);
  return line;
}

async function countFrames(output: SubjectOutput, from: number, to: number): Promise<number> {
  if (output.painted)
    return distinctFps(
      output.painted.map((time, frame) => ({ time, frame })),
      from,
      to,
    );
  if (!output.file) return Number.NaN;
  return distinctFps((await readPatternsOfFile(output.file)).stamps, from, to);
}

/** Runs and measures a subject for `seconds`; `reads`: how the bench reads a stream; of parts no frames are counted. @throws Error in the subject's words when it can't run here. */
export async function measureSubject(
  name: SubjectName,
  pageUrl: string,
  folder: string,
  seconds: number,
  reads: "segments" | "parts" = "segments",
): Promise<CostSample> {
  await mkdir(folder, { recursive: true });
  const context = JSON.stringify({ page_url: pageUrl, folder });
  const args = ["--import", "tsx", resolve(import.meta.dirname, "driver.ts"), name, context];
  const driver = spawn(process.execPath, args, {
    stdio: ["pipe", "pipe", "inherit"],
    cwd: resolve(import.meta.dirname, "../.."),
  });
  const exited = once(driver, "exit");
  driver.stdin.on("error", () => {}); // it died; the missing line says so
  const lines = createInterface({ input: driver.stdout })[Symbol.asyncIterator]();
  let reader: PlainReader | PartReader | null = null;
  let viewers: WebRtcViewers | null = null;
  try {
    const { ready } = await nextLine(lines, driver, START_TIMEOUT);
    const file = join(folder, "reader.mp4");
    if (ready?.hls_url) {
      reader = reads === "parts" ? new PartReader(ready.hls_url) : new PlainReader(ready.hls_url, file);
      await reader.start();
    }
    if (ready?.webrtc) viewers = await WebRtcViewers.open(ready.webrtc);
    await sleep(SETTLE);
    const [before, from] = [await takeSnapshot([driver.pid as number]), Date.now()];
    await sleep(seconds * 500);
    const memory = await memoryByRole(await takeSnapshot([driver.pid as number]));
    await sleep(seconds * 500);
    const [after, to] = [await takeSnapshot([driver.pid as number]), Date.now()];
    await sleep(DRAIN);
    await reader?.close();
    const watched = await viewers?.frames();
    driver.stdin.write("finish\n");
    const output = (await nextLine(lines, driver, FINISH_TIMEOUT)).output ?? { file: null, painted: null };
    const fps = watched
      ? distinctFps(watched, from, to)
      : reads === "parts"
        ? Number.NaN
        : await countFrames(reader ? { file, painted: null } : output, from, to);
    const latency = watched
      ? percentile(
          watched.map((frame) => frame.latency),
          0.5,
        )
      : null;
    const elsewhere = coresElsewhere(before, after);
    return { latency, cores: coresBetween(before, after), memory, distinct_fps: fps, elsewhere };
  } finally {
    await reader?.close().catch(() => {});
    await viewers?.close().catch(() => {});
    await endDriver(driver, exited);
  }
}

/** The driver ends its own browser; one that hangs is ended with its tree, by the pids seen in it. */
async function endDriver(driver: Driver, exited: Promise<unknown>): Promise<void> {
  const timer = setTimeout(() => {
    void takeSnapshot([driver.pid as number]).then(({ processes }) => {
      for (const pid of processes.keys()) {
        try {
          process.kill(pid, "SIGKILL");
        } catch {
          // it ended by itself
        }
      }
    });
  }, 5_000);
  if (driver.exitCode === null && driver.signalCode === null) await exited;
  clearTimeout(timer);
}
