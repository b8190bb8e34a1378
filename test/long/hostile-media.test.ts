// Matroska with changes anywhere, as no browser sends it, through a real host and real FFmpegs: each is a run that ends, and the next good
// one is seen. FUZZ_RUNS: how many; a second or so each.
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import { HostProcess } from "../host/harness/host-process.ts";
import { LiveMedia } from "../host/harness/live-media.ts";
import { until } from "../host/harness/processes.ts";
import { Publisher } from "../host/harness/publisher.ts";
import { mutated } from "../unit/fuzz/runs.ts";

const RUNS = Number(process.env.FUZZ_RUNS ?? 40);
let host: HostProcess | null = null;
let publisher: Publisher | null = null;
afterEach(async () => {
  await publisher?.abandon();
  await host?.close();
});

/** Two seconds of what a browser sends. */
async function recorded(): Promise<Buffer> {
  const slices: Buffer[] = [];
  const media = new LiveMedia({ onSlice: (slice) => void slices.push(slice) });
  await until("two seconds", () => slices.length >= 20);
  await media.close();
  return Buffer.concat(slices);
}

test("the stream survives Matroska of any form", { timeout: 60_000 + RUNS * 5_000 }, async () => {
  const good = await recorded();
  host = new HostProcess();
  await host.hello();
  publisher = await Publisher.open(host);
  await publisher.playable();
  const cases = fc.sample(mutated(good, 40), { numRuns: RUNS, seed: 7 });
  for (const bytes of cases) await publisher.sendRun(bytes);
  await publisher.freshRun();
  const frames = () => host?.heard("stream_status").at(-1)?.info.metrics.frames_sent ?? 0;
  const before = frames();
  await until("the next good run is seen", () => frames() > before + 30, 60_000);
  const { state } = host.heard("stream_status").at(-1)?.info ?? {};
  expect(state).toBe("active");
});
