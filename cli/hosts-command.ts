// `flybrowser status` and `flybrowser stop`: the streams of every running host of this user.
import { FlyBrowserError } from "../protocol/errors.ts";
import type { StreamInfoInWords as StreamInfo } from "../protocol/results.ts";
import { sentence } from "../protocol/sentence.ts";
import type { ControlClient } from "../sdk/control-client.ts";
import { runningHosts } from "../sdk/page-host.ts";
import { count, printJson, say } from "./report.ts";
import { statusLine } from "./stream-monitor.ts";

/** A host with its streams. */
export interface HostStreams {
  readonly host: ControlClient;
  readonly streams: StreamInfo[];
}

/** All hosts that respond, with their streams; none where none runs. @throws FlyBrowserError where none of them responds. */
export async function allHosts(): Promise<HostStreams[]> {
  const hosts = runningHosts();
  const results = await Promise.allSettled(hosts.map(async (host) => ({ host, streams: await host.listStreams() })));
  const responses = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  if (responses.length > 0) return responses;
  const [failure] = results;
  if (failure?.status === "rejected") throw failure.reason;
  return [];
}

/** A stream and its host. */
export interface RunningStream {
  readonly host: ControlClient;
  readonly stream: StreamInfo;
}

/** The streams of all hosts. @throws FlyBrowserError `host_not_running`. */
export async function runningStreams(): Promise<RunningStream[]> {
  return (await allHosts()).flatMap(({ host, streams }) => streams.map((stream) => ({ host, stream })));
}

/** The stream that is meant: the named one, else the only one. @throws FlyBrowserError `no_active_stream`, `invalid_option` */
export async function oneStream(named: string | undefined): Promise<RunningStream> {
  const all = await runningStreams();
  const fitting = all.filter(({ stream }) => named === undefined || stream.stream_id === named);
  const [only] = fitting;
  if (only && fitting.length === 1) return only;
  throw noSuchStream(
    "--stream",
    named,
    all.map(({ stream }) => stream.stream_id),
  );
}

/** The error where no stream is meant, or more than one. `named`: what was given. */
function noSuchStream(option: string, named: string | undefined, ids: readonly string[]): FlyBrowserError {
  if (ids.length === 0) return new FlyBrowserError("no_active_stream");
  const value = named === undefined ? sentence("value.left_out") : JSON.stringify(named);
  return new FlyBrowserError("invalid_option", { option, value, allowed: ids.join(", ") });
}

/** Shows the running streams. @throws FlyBrowserError where no host responds. */
export async function statusCommand({ json = false }: { json?: boolean }): Promise<void> {
  const hosts = await allHosts();
  if (json) {
    const described = hosts.map(({ host: { file }, streams }) => ({ pid: file.pid, port: file.port, streams }));
    printJson({ hosts: described });
    return;
  }
  if (hosts.length === 0) say("Nothing is being streamed: no host runs.");
  for (const { host, streams } of hosts) {
    say(`Host ${host.file.pid} on port ${host.file.port}: ${count(streams.length, "stream")}`);
    for (const stream of streams) {
      say(`  ${stream.stream_id}  ${statusLine(stream)}`);
      say(`    ${stream.player_url ?? "All its links have expired or were revoked"}`);
      say(`    ${stream.share_note}.`);
    }
  }
}

/** Stops one stream, or all. @throws FlyBrowserError `host_not_running`, `no_active_stream`. */
export async function stopCommand(streamId: string | undefined, { json = false }: { json?: boolean }): Promise<void> {
  const hosts = await allHosts();
  if (hosts.length === 0) throw new FlyBrowserError("host_not_running");
  const all = hosts.flatMap(({ host, streams }) => streams.map(({ stream_id: id }) => ({ host, id })));
  const chosen = all.filter(({ id }) => streamId === undefined || id === streamId);
  if (chosen.length === 0) {
    const ids = all.map(({ id }) => id);
    throw noSuchStream("<stream_id>", streamId, ids);
  }
  for (const { host, id } of chosen) {
    const result = await host.stopStream(id);
    if (json) printJson(result);
    else say(result.success ? `Stopped ${id}.` : `${id} had already ended.`);
  }
}
