// `flybrowser status` and `flybrowser stop`: the streams of every running host of this user.
// Never starts a host.
import { FlyBrowserError } from "../protocol/errors.ts";
import type { StreamInfo } from "../protocol/results.ts";
import type { ControlClient } from "../sdk/control-client.ts";
import { runningHosts } from "../sdk/page-host.ts";
import { statusLine } from "./live-view.ts";
import { printJson, say } from "./report.ts";

interface HostStreams {
  readonly host: ControlClient;
  readonly streams: StreamInfo[];
}

/** All hosts that answer, with their streams. @throws FlyBrowserError `host_not_running`. */
async function allHosts(): Promise<HostStreams[]> {
  const hosts = runningHosts();
  const asked = await Promise.allSettled(hosts.map(async (host) => ({ host, streams: await host.listStreams() })));
  const answers = asked.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  if (answers.length > 0) return answers;
  const [failure] = asked;
  if (failure?.status === "rejected") throw failure.reason;
  throw new FlyBrowserError("host_not_running");
}

/** Shows what runs. @throws FlyBrowserError `host_not_running`. */
export async function statusCommand({ json = false }: { json?: boolean }): Promise<void> {
  const hosts = await allHosts();
  if (json) {
    const described = hosts.map(({ host: { file }, streams }) => ({ pid: file.pid, port: file.port, streams }));
    printJson({ hosts: described });
    return;
  }
  for (const { host, streams } of hosts) {
    say(`Host ${host.file.pid} on port ${host.file.port}: ${streams.length === 0 ? "no stream" : ""}`);
    for (const stream of streams) {
      say(`  ${stream.stream_id}  ${statusLine(stream)}`);
      say(`    ${stream.player_url}`);
    }
  }
}

/** Stops one stream, or all. @throws FlyBrowserError `host_not_running`, `no_active_stream`. */
export async function stopCommand(streamId: string | undefined, { json = false }: { json?: boolean }): Promise<void> {
  const all = (await allHosts()).flatMap(({ host, streams }) => streams.map(({ stream_id: id }) => ({ host, id })));
  const chosen = all.filter(({ id }) => streamId === undefined || id === streamId);
  if (chosen.length === 0) throw new FlyBrowserError("no_active_stream");
  for (const { host, id } of chosen) {
    const result = await host.stopStream(id);
    if (json) printJson(result);
    else say(result.success ? `Stopped ${id}.` : `${id} had ended already.`);
  }
}
