// Entry of a process that follows the same stream in two places, and tells by how many ms each part comes later at the second one:
// the addresses of both multivariant playlists and the seconds are its arguments, its median and 95th percentile a line of JSON.
import { parseMultivariant } from "../../../bench/hls/playlist.ts";
import { percentile } from "../../../bench/statistics.ts";
import { Connection } from "../../../bench/viewers/connection.ts";
import { Ledger } from "../../../bench/viewers/ledger.ts";
import { PlaylistReader } from "../../../bench/viewers/playlist-reader.ts";
import { LiveViewer } from "../../../bench/viewers/viewer.ts";

const [near = "", far = "", seconds = "10"] = process.argv.slice(2);
const until = performance.now() + Number(seconds) * 1000;

/** When each part of the video was there, by its number. */
async function follow(hls: string): Promise<Map<string, number>> {
  const { video } = parseMultivariant(await (await fetch(hls)).text(), hls);
  const times = new Map<string, number>();
  const tally = { requests: 0, errors: 0, error: null };
  const connection = new Connection(new URL(video), 15_000);
  const viewer = new LiveViewer(video, connection, new PlaylistReader(), new Ledger(), tally, ({ msn, index }) =>
    times.set(`${msn}.${index}`, performance.now()),
  );
  await viewer.run(performance.now(), until);
  connection.close();
  return times;
}

const [first, second] = await Promise.all([follow(near), follow(far)]);
const later = [...first].flatMap(([part, at]) => (second.has(part) ? [(second.get(part) ?? 0) - at] : []));
process.stdout.write(
  `${JSON.stringify({ parts: later.length, median: percentile(later, 0.5), p95: percentile(later, 0.95) })}\n`,
);
