// Deaths by chance: a stream that is watched, recorded and published meets a fault of the table every few seconds. What must hold all
// the while, and afterwards, is noted where it doesn't.
import { existsSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { chainOf, ffmpegsOf, hostOf } from "../e2e/harness/chain.ts";
import { isPortOpen, profilesOf, stillRunning } from "../e2e/harness/leftovers.ts";
import { ffmpeg, watchPattern } from "../e2e/harness/media.ts";
import { until } from "../e2e/harness/until.ts";
import { untilPlays } from "../e2e/harness/viewer.ts";
import { FAULTS, type Fault } from "./faults.ts";
import { Random } from "./random.ts";
import { openStage, type Stage } from "./stage.ts";
import { Watcher } from "./watcher.ts";

/** What a run is. */
export interface ChaosOptions {
  readonly seed: number;
  /** ms for which faults happen. */
  readonly duration: number;
  /** ms between two faults, at least and at most. */
  readonly pause: readonly [number, number];
  /** Told as it goes on. */
  readonly say: (line: string) => void;
}

/** What became of it. */
export interface ChaosReport {
  readonly faults: readonly { readonly name: string; readonly recovered: number }[];
  /** ms: the longest the playlists stood still, and the viewer's picture. */
  readonly longest_still: number;
  readonly longest_frozen: number;
  readonly looks: number;
  /** What must not be. */
  readonly problems: readonly string[];
}

/** What a busy machine may take on top of a limit, ms: the tests judge that it goes on, and the report says how fast. */
const SLACK = 7_000;
/** ms after which a stream that gives nothing new is given up. */
const GIVEN_UP = 45_000;
/** ms between two pictures of the file that count as a gap, and by how much it may be longer than what caused it. */
const GAP = 1_000;
const GAP_SLACK = 3_000;

interface Window {
  readonly name: string;
  /** Epoch ms. */
  readonly from: number;
  readonly to: number;
}

/** Makes one fault happen and waits until the stream goes on; gives ms from the end of its cause. */
async function suffer(fault: Fault, stage: Stage, watcher: Watcher, random: Random): Promise<number> {
  watcher.viewerAway = fault.name.startsWith("viewer");
  await fault.happen(stage, random);
  const over = performance.now();
  const fresh = async () => {
    const status = await stage.status().catch(() => null);
    return watcher.moved_at > over && status?.active === true && status.status.state === "active";
  };
  await until(`the stream goes on after: ${fault.name}`, fresh, GIVEN_UP);
  const recovered = watcher.moved_at - over;
  if (watcher.viewerAway) await untilPlays(stage.viewer, 10, GIVEN_UP);
  watcher.viewerAway = false;
  return recovered;
}

/** Looks through the recorded file: it decodes, and has no gap that no fault explains. */
async function judgeFile(file: string, seconds: number, windows: readonly Window[]): Promise<string[]> {
  const problems: string[] = [];
  const args = ["-v", "error", "-xerror", "-i", file, "-f", "null", "-"];
  await ffmpeg(args, 600_000).catch((thrown: Error) => problems.push(`the file can't be decoded: ${thrown.message}`));
  const { frames } = await watchPattern(file, seconds + 60);
  const times = frames.map(({ time }) => time).sort((a, b) => a - b);
  if (times.length === 0) return [...problems, "the file shows nothing of the page"];
  for (const [index, time] of times.entries()) {
    const gap = time - (times[index - 1] ?? time);
    if (gap < GAP) continue;
    const caused = windows.filter(({ from, to }) => from - GAP < time && to + GAP_SLACK > time - gap);
    const allowed = caused.reduce((sum, { from, to }) => sum + to - from, 0) + GAP_SLACK;
    if (caused.length === 0 || gap > allowed) {
      const names = caused.map(({ name }) => name).join(", ") || "no fault";
      problems.push(`a gap of ${gap} ms in the file, for ${names}, which took ${Math.round(allowed - GAP_SLACK)} ms`);
    }
  }
  return problems;
}

/** What is left once everything was closed. */
async function leftovers(pids: ReadonlySet<number>, port: number): Promise<string[]> {
  const gone = () => stillRunning([...pids]).length === 0;
  const late = await until("all processes are gone", gone, 10_000).then(
    (): string[] => [],
    () => stillRunning([...pids]).map(({ pid, command }) => `still running: ${pid} ${command.slice(0, 100)}`),
  );
  if (await isPortOpen(port)) late.push(`port ${port} is open`);
  return [...late, ...profilesOf(process.pid).map((profile) => `still there: ${profile}`)];
}

/** Runs it. */
export async function runChaos({ seed, duration, pause, say }: ChaosOptions): Promise<ChaosReport> {
  const random = new Random(seed);
  const stage = await openStage();
  const [began, pids, windows]: [number, Set<number>, Window[]] = [performance.now(), new Set(), []];
  const faults: { name: string; recovered: number }[] = [];
  const problems: string[] = [];
  const note = () => {
    for (const { pid } of [hostOf(stage.pid), ...ffmpegsOf(stage.pid)].filter((each) => each !== null)) pids.add(pid);
  };
  const watcher = new Watcher(stage, say);
  try {
    pids.add(stage.pid);
    while (performance.now() - began < duration && problems.length === 0) {
      await sleep(random.between(...pause));
      const fault = random.pick(FAULTS);
      const own = new Random(Math.floor(random.next() * 2 ** 32)); // what it draws doesn't depend on how fast things go
      note();
      const from = Date.now();
      say(`${((performance.now() - began) / 1000).toFixed(0)} s: ${fault.name}`);
      try {
        const recovered = await suffer(fault, stage, watcher, own);
        faults.push({ name: fault.name, recovered });
        windows.push({ name: fault.name, from, to: Date.now() });
        if (recovered > fault.limit + SLACK) problems.push(`${fault.name}: went on after ${Math.round(recovered)} ms`);
      } catch (thrown) {
        problems.push((thrown as Error).message);
      }
      note();
    }
    if (problems.length === 0) await judgeEnd(stage, problems);
    await watcher.stop();
    const stopped = await stage.browser.stopRecording();
    if (!existsSync(stage.file)) problems.push(`the recording is ${stopped.status}, at ${stopped.file_path}`);
    else problems.push(...(await judgeFile(stage.file, stopped.duration_seconds, windows)));
  } catch (thrown) {
    problems.push((thrown as Error).message);
  } finally {
    await watcher.stop();
    await stage.close();
  }
  problems.push(...(await leftovers(pids, stage.started.local_server_port)));
  const { longest_still, longest_frozen, looks, problems: seen } = watcher.seen;
  return { faults, longest_still, longest_frozen, looks, problems: [...problems, ...seen] };
}

/** At the end all goes on as at the beginning: the viewer plays, RTMP is live, it is one chain. */
async function judgeEnd(stage: Stage, problems: string[]): Promise<void> {
  const failed = (thrown: Error) => void problems.push(thrown.message);
  await untilPlays(stage.viewer, 30, GIVEN_UP).catch(failed);
  const live = async () => {
    const status = await stage.status();
    return status.active && status.status.destinations.every(({ state }) => state === "live");
  };
  await until("RTMP is live", live, GIVEN_UP).catch(failed);
  await until("one host and its FFmpeg run", () => chainOf(stage.pid).ffmpeg > 0, GIVEN_UP).catch(failed);
}
