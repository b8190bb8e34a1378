// A real host whose streams are recorded: how it is started, asked and cleaned up. Never judges a recording.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { RecordingInfo, StartRecordingResult, StopRecordingResult } from "../../../protocol/results.ts";
import { HostProcess, type HostProcessOptions } from "./host-process.ts";
import { until } from "./processes.ts";
import { Publisher, type PublisherOptions } from "./publisher.ts";
import type { ProbedFile } from "./recorded.ts";
import type { watch } from "./watch.ts";

const closers: (() => Promise<unknown> | unknown)[] = [];
/** Ends all that a test has started here. */
export async function cleanUp(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

/** A folder that is gone after the test. */
export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "flybrowser-recording-"));
  closers.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** A host with a videos folder of its own. `resumes`: ids of the recordings that its extension goes on with. */
export async function host(options: HostProcessOptions = {}, resumes: string[] = []): Promise<HostProcess> {
  const videos = folder();
  const started = new HostProcess({ ...options, env: { XDG_VIDEOS_DIR: videos, ...options.env } });
  closers.push(() => started.close());
  await started.hello(null, undefined, resumes);
  return started;
}

/** A tab that is captured. */
export async function capture(to: HostProcess, options: PublisherOptions = {}): Promise<Publisher> {
  const publisher = await Publisher.open(to, options);
  closers.push(() => publisher.abandon());
  return publisher;
}

/** A tab that viewers can see. */
export async function publish(to: HostProcess, options: PublisherOptions = {}): Promise<Publisher> {
  const publisher = await capture(to, options);
  await publisher.playable();
  return publisher;
}

/** What the control API answers to a GET. */
export async function api(h: HostProcess, path: string): Promise<unknown> {
  const { port, token } = h.control_file as { port: number; token: string };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return answer.json();
}

/** Begins to record. */
export const record = (p: Publisher, options: object = {}): Promise<StartRecordingResult> =>
  p.host.peer.call("startRecording", { stream_id: p.stream_id, options });

/** Stops, and asks again as long as the file is still being made: on a busy machine that can take a while. */
export const stop = ({ host: h, stream_id }: Publisher): Promise<StopRecordingResult> =>
  until(
    "the file",
    async () => {
      const stopped = await h.peer.call("stopRecording", { stream_id });
      return stopped.status !== "finishing" && stopped;
    },
    60_000,
  );

/** A recording as the control API tells it. */
export const info = async (
  h: HostProcess,
  { recording_id }: Pick<StartRecordingResult, "recording_id">,
): Promise<RecordingInfo> => (await api(h, `/api/recordings/${recording_id}`)) as RecordingInfo;

/** Waits until so many seconds are recorded. */
export const recorded = (
  h: HostProcess,
  of: Pick<StartRecordingResult, "recording_id">,
  seconds: number,
): Promise<unknown> =>
  until(`${seconds} s to be recorded`, async () => (await info(h, of)).duration_seconds >= seconds, 20_000);

/** Each flash must have its beep; not one just before an end or a gap, where a frame comes before the sound beside it. */
export function expectSync({ flashes, beeps, ends }: Awaited<ReturnType<typeof watch>>, within = 0.1): void {
  const inside = flashes.filter((flash) => flash > 0.5 && !ends.some((end) => end >= flash && end < flash + 0.3));
  expect(inside.length).toBeGreaterThan(1);
  for (const flash of inside) {
    const apart = Math.min(...beeps.map((beep) => Math.abs(beep - flash)));
    expect(apart, `beep beside the flash at ${flash}, beeps at ${beeps}`).toBeLessThan(within);
  }
}

/** The first stream of a file of this kind: video, audio. */
export const byKind = ({ streams }: ProbedFile, kind: string) => streams.find(({ codec_type }) => codec_type === kind);
