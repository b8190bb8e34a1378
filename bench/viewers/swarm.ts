// Entry of the process that simulates the viewers. Takes one job as JSON in its argument; prints {"counting":true} when all
// viewers are in, and its result at the end, each as a line on stdout.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { sleep } from "../../protocol/async.ts";
import { parseMultivariant } from "../hls/playlist.ts";
import { Connection } from "./connection.ts";
import { Ledger, type LedgerFigures } from "./ledger.ts";
import { PlaylistReader } from "./playlist-reader.ts";
import { replay } from "./replay-viewer.ts";
import { SnapshotWriter, type StreamSnapshot } from "./snapshot.ts";
import { LiveViewer, type Tally } from "./viewer.ts";

/** What a swarm is to do. */
export interface SwarmJob {
  /** Multivariant playlist of a live stream, or the origin of the static files of `snapshot`. */
  readonly url: string;
  readonly snapshot: StreamSnapshot | null;
  readonly viewers: number;
  /** Seconds that count; the ramp comes before. */
  readonly seconds: number;
  /** Folder to keep the parts in (one viewer only). */
  readonly keep_in: string | null;
}

/** What a swarm saw. */
export interface SwarmResult extends LedgerFigures, Tally {
  /** Bytes a second, headers and all, while it counted. */
  readonly bytes_per_second: number;
  readonly requests_per_second: number;
  /** CPU cores of the swarm itself. */
  readonly swarm_cores: number;
  /** ms by which the swarm's own event loop was late, 99th percentile: its share in `p99`. */
  readonly swarm_delay_p99: number;
  /** Written when `keep_in` was given. */
  readonly snapshot: StreamSnapshot | null;
}

const REQUEST_TIMEOUT = 15_000;
/** Viewers that come in within a second. */
const JOINING = 150;

const job = JSON.parse(process.argv[2] ?? "{}") as SwarmJob;
const say = (line: unknown) => process.stdout.write(`${JSON.stringify(line)}\n`);

const ledger = new Ledger();
const tally: Tally = { requests: 0, errors: 0, error: null };
const connections: Connection[] = [];
const open = (): Connection => {
  const connection = new Connection(new URL(job.url), REQUEST_TIMEOUT);
  connections.push(connection);
  return connection;
};
const received = () => connections.reduce((sum, connection) => sum + connection.received, 0);

const start = performance.now() + 500;
const ramp = Math.max(2_000, (job.viewers / JOINING) * 1000);
const clock = { start, countFrom: start + ramp + 1_500, until: start + ramp + 1_500 + job.seconds * 1000 };
const writers = new Map<string, SnapshotWriter>();

async function liveJobs(): Promise<Promise<void>[]> {
  const text = await (await fetch(job.url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT) })).text();
  const { video, audio } = parseMultivariant(text, job.url);
  const renditions = audio ? [video, audio] : [video];
  const playlists = new PlaylistReader();
  return Array.from({ length: job.viewers }, async (_, index) => {
    await sleep(start + (ramp * index) / job.viewers - performance.now());
    await Promise.all(
      renditions.map((url) => {
        const writer = job.keep_in ? new SnapshotWriter() : null;
        if (writer) writers.set(url === video ? "video" : "audio", writer);
        const sink = writer ? writer.add.bind(writer) : null;
        return new LiveViewer(url, open(), playlists, ledger, tally, sink).run(clock.countFrom, clock.until);
      }),
    );
  });
}

function replayJobs(snapshot: StreamSnapshot): Promise<void>[] {
  return Array.from({ length: job.viewers }, () =>
    Promise.all(snapshot.renditions.map((rendition) => replay(snapshot, rendition, open(), ledger, tally, clock))).then(
      () => {},
    ),
  );
}

async function keep(folder: string): Promise<StreamSnapshot> {
  const renditions = await Promise.all([...writers].map(([name, writer]) => writer.write(folder, name)));
  const longest = Math.max(...renditions.flatMap(({ parts }) => parts.map(({ duration }) => duration)));
  return { part_target: longest, hold_back: longest * 3, renditions };
}

const running = job.snapshot ? replayJobs(job.snapshot) : await liveJobs();
const loop = monitorEventLoopDelay({ resolution: 10 });
const all = Promise.all(running);
await Promise.race([sleep(clock.countFrom - performance.now()), all]);
say({ counting: true });
const [bytes, requests, cpu, began] = [received(), tally.requests, process.cpuUsage(), performance.now()];
loop.enable();
// The end of counting, whatever a viewer is still waiting for.
await Promise.race([sleep(clock.until - performance.now()), all]);
const seconds = (performance.now() - began) / 1000;
const used = process.cpuUsage(cpu);
const figures = {
  bytes_per_second: (received() - bytes) / seconds,
  requests_per_second: (tally.requests - requests) / seconds,
  swarm_cores: (used.user + used.system) / 1e6 / seconds,
  swarm_delay_p99: Math.max(0, loop.percentile(99) / 1e6 - 10),
};
await Promise.race([all, sleep(REQUEST_TIMEOUT)]);
const snapshot = job.keep_in ? await keep(job.keep_in) : null;
const result: SwarmResult = { ...ledger.figures(), ...tally, ...figures, snapshot };
say(result);
for (const connection of connections) connection.close();
