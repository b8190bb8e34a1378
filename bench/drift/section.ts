// The section "drift": how far sound and video of a recorded hour are apart, how long its file takes to be made, and what a live
// stream feels of that meanwhile. It feeds the built host faster than real time; the browser's share of lip sync is measured by the
// tests.
import { open, stat } from "node:fs/promises";
import { join } from "node:path";
import { sleep } from "../../protocol/async.ts";
import { parseStartStreamOptions } from "../../protocol/options.ts";
import type { RecordingInfo } from "../../protocol/results.ts";
import { HostProcess, TAB } from "../../test/host/harness/host-process.ts";
import { Publisher } from "../../test/host/harness/publisher.ts";
import type { BenchContext } from "../context.ts";
import { percentile } from "../statistics.ts";
import { findMarks, makeHour, offsets } from "./media.ts";

/** The section's figures. Offsets: ms by which the sound comes after its video. */
export interface DriftResult {
  /** s that were recorded. */
  readonly seconds: number;
  /** Marks that were compared. */
  readonly marks: number;
  /** Median of the first and of the last minute. */
  readonly at_start: number;
  readonly at_end: number;
  readonly least: number;
  readonly most: number;
  /** The same of what was fed in, which FFmpeg made: what is not ours. */
  readonly fed: { readonly at_start: number; readonly at_end: number; readonly least: number; readonly most: number };
  /** s from the end of the recording to its file; MB of that. */
  readonly finish_seconds: number;
  readonly megabytes: number;
  /** Different shares of progress that were told meanwhile. */
  readonly progress_steps: number;
  /** Of the live stream beside it, before and while the file is made: ms between two parts at most, frames dropped. */
  readonly stream_before: { readonly longest_gap: number; readonly dropped: number };
  readonly stream_meanwhile: { readonly longest_gap: number; readonly dropped: number };
}

const HOUR = 3_600;
/** Bytes that may be under way to the host. */
const UNDER_WAY = 2 * 1024 * 1024;
const CHUNK = 64 * 1024;
/** Times faster than real time at most: the cap on the bitrate is judged by when bytes come, and is 50 Mbit/s here. */
const FASTEST = 30;
const FINISH_WITHIN = 10 * 60_000;

/** Sends a file as one run, no faster than the host takes it. */
async function feed(host: HostProcess, stream_id: string, path: string, seconds: number): Promise<void> {
  const file = await open(path);
  const { size } = await file.stat();
  const run = { stream_id, run: 0, mime_type: "video/x-matroska;codecs=avc1,opus", width: 320, height: 180 };
  const began = performance.now();
  const times = { captured_at: began, sent_at: began, clock: performance.timeOrigin };
  host.peer.emit("run_opened", { ...run, matrix: "bt709", sound_late: 0, has_audio: true, ...times });
  let sent = 0;
  let [accepted, seen] = [0, 0];
  try {
    for await (const chunk of file.createReadStream({ highWaterMark: CHUNK })) {
      const data = (chunk as Buffer).toString("base64");
      host.peer.emit("chunk", { stream_id, run: 0, sent_at: performance.now(), data });
      sent += (chunk as Buffer).length;
      for (;;) {
        for (; seen < host.events.length; seen++) {
          const heard = host.events[seen];
          if (heard?.event === "chunk_accepted" && heard.params.stream_id === stream_id) accepted += heard.params.bytes;
          if (heard?.event === "stream_failed" || heard?.event === "run_needed") throw new Error(JSON.stringify(heard));
        }
        const due = (sent / size) * seconds <= ((performance.now() - began) / 1000) * FASTEST;
        if (sent - accepted < UNDER_WAY && due) break;
        await sleep(5);
      }
    }
  } finally {
    await file.close();
  }
  host.peer.emit("run_closed", { stream_id, run: 0, reason: "the hour is over" });
}

/** Watches a playlist until it is told to stop: how far apart its changes are. */
function watchParts(url: string): () => Promise<number> {
  const moments: number[] = [];
  let [over, last] = [false, ""];
  const watching = (async () => {
    while (!over) {
      const text = await (await fetch(url)).text();
      if (text !== last) moments.push(Date.now());
      last = text;
      await sleep(20);
    }
  })();
  return async () => {
    over = true;
    await watching;
    return Math.max(0, ...moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment)));
  };
}

function summary(found: readonly { at: number; offset: number }[]): DriftResult["fed"] {
  const last = found.at(-1)?.at ?? 0;
  const of = (some: typeof found) => some.map(({ offset }) => offset);
  return {
    at_start: percentile(of(found.filter(({ at }) => at < 60)), 0.5),
    at_end: percentile(of(found.filter(({ at }) => at > last - 60)), 0.5),
    least: Math.min(...of(found)),
    most: Math.max(...of(found)),
  };
}

/** Measures one hour; in a quick run two minutes. */
export async function runDrift({ folder, quick, progress }: BenchContext): Promise<DriftResult> {
  process.env.FLYBROWSER_TEST_BUILT = "1"; // what the harness of the tests starts
  const seconds = quick ? 120 : HOUR;
  const source = join(folder, "hour.mkv");
  progress(`drift: making ${seconds} s of media`);
  await makeHour(source, seconds);
  const host = new HostProcess({ state_dir: join(folder, "drift"), env: { XDG_VIDEOS_DIR: folder } });
  let live: Publisher | null = null;
  try {
    await host.hello();
    const { port, token } = host.control_file ?? { port: 0, token: "" };
    const ask = async (path: string): Promise<unknown> => {
      const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${token}` } });
      return answer.json();
    };
    const options = parseStartStreamOptions({ quality: "studio" });
    const { stream_id } = await host.peer.call("openStream", { tab: TAB, options, published: false });
    const recording = host.peer.call("startRecording", { stream_id, options: { path: join(folder, "hour.mp4") } });
    progress("drift: recording it");
    await feed(host, stream_id, source, seconds);
    const { recording_id, file_path } = await recording;

    live = await Publisher.open(host, { media: { width: 1280, height: 720, bitrate: 2_000_000 } });
    const { hls_url } = await live.playable();
    const playlist = new URL(/^[^#].*$/m.exec(await (await fetch(hls_url ?? "")).text())?.[0] ?? "", hls_url ?? "")
      .href;
    const dropped = async (): Promise<number> => {
      const status = await host.peer.call("getStreamStatus", { stream_id: live?.stream_id ?? "" });
      return status.status?.metrics.dropped_frames ?? Number.NaN;
    };
    const watching = watchParts(playlist);
    await sleep(8_000);
    const stream_before = { longest_gap: await watching(), dropped: await dropped() };

    progress("drift: finishing");
    const steps = new Set<number>();
    const watchingMeanwhile = watchParts(playlist);
    const stopped_at = Date.now();
    await host.peer.call("closeStream", { stream_id, reason: "the hour is over" });
    let info: RecordingInfo;
    do {
      await sleep(50);
      info = (await ask(`/api/recordings/${recording_id}`)) as RecordingInfo;
      if (info.progress !== null) steps.add(info.progress);
    } while (["recording", "finishing"].includes(info.status) && Date.now() - stopped_at < FINISH_WITHIN);
    const finish_seconds = (Date.now() - stopped_at) / 1000;
    if (info.status !== "finished") throw new Error(`the recording is ${info.status}: ${info.error?.message ?? ""}`);
    const stream_meanwhile = {
      longest_gap: await watchingMeanwhile(),
      dropped: (await dropped()) - stream_before.dropped,
    };
    await live.stop();

    progress("drift: comparing flashes and beeps");
    const found = offsets(await findMarks(file_path));
    return {
      seconds: info.duration_seconds,
      marks: found.length,
      ...summary(found),
      fed: summary(offsets(await findMarks(source))),
      finish_seconds,
      megabytes: (await stat(file_path)).size / 1e6,
      progress_steps: steps.size,
      stream_before,
      stream_meanwhile,
    };
  } finally {
    await live?.abandon();
    await host.close();
  }
}
