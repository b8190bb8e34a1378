// What the tools work on: the tabs, streams and recordings of every host of this user that runs, whoever has started its browser.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { TabInWords as Tab } from "../../protocol/native-messages.ts";
import type {
  RecordingInfoInWords as RecordingInfo,
  StopRecordingResultInWords as StopRecordingResult,
  StreamInfoInWords as StreamInfo,
} from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";
import type { ControlClient } from "../../sdk/control-client.ts";
import { runningHosts } from "../../sdk/page-host.ts";
import { allHosts } from "../hosts-command.ts";

/** A tab, with the browser that it is in. */
export interface RunningTab extends Tab {
  /** Process id of the host of its browser. */
  readonly host: number;
}

/** The tabs of all browsers; a host that doesn't answer has none. @throws FlyBrowserError `host_not_running` */
export async function allTabs(): Promise<RunningTab[]> {
  const hosts = runningHosts();
  if (hosts.length === 0) throw new FlyBrowserError("host_not_running");
  const lists = await Promise.allSettled(hosts.map(async (host) => ({ host, tabs: await host.listTabs() })));
  return lists.flatMap((list) =>
    list.status === "fulfilled" ? list.value.tabs.map((tab) => ({ host: list.value.host.file.pid, ...tab })) : [],
  );
}

/** A tab and its host. @throws FlyBrowserError `tab_not_found`, `host_not_running`; `invalid_option`: several have such a tab */
export async function findTab(
  tab_id: number,
  pid: number | undefined,
): Promise<{ host: ControlClient; tab: RunningTab }> {
  const fitting = (await allTabs()).filter((tab) => tab.tab_id === tab_id && (pid === undefined || tab.host === pid));
  const [only] = fitting;
  if (!only) throw new FlyBrowserError("tab_not_found", { tab: tab_id });
  if (fitting.length > 1) {
    const allowed = fitting.map(({ host }) => host).join(", ");
    throw new FlyBrowserError("invalid_option", { option: "host", value: sentence("value.left_out"), allowed });
  }
  const host = runningHosts().find(({ file }) => file.pid === only.host);
  if (!host) throw new FlyBrowserError("tab_not_found", { tab: tab_id });
  return { host, tab: only };
}

/** The streams of all hosts. */
export async function allStreams(): Promise<StreamInfo[]> {
  return (await allHosts()).flatMap(({ streams }) => streams);
}

/** The host of a stream, and its status. @throws FlyBrowserError `no_active_stream` */
export async function hostOfStream(stream_id: string): Promise<{ host: ControlClient; stream: StreamInfo }> {
  for (const { host, streams } of await allHosts()) {
    const stream = streams.find((each) => each.stream_id === stream_id);
    if (stream) return { host, stream };
  }
  throw new FlyBrowserError("no_active_stream");
}

/**
 * Ends a recording, in the host that makes it. Hosts know of one another's, so each is asked.
 * @throws FlyBrowserError `recording_not_found`, `recording_elsewhere`, `host_not_running`
 */
export async function stopRecording(
  recording_id: string,
): Promise<{ host: ControlClient; result: StopRecordingResult }> {
  const hosts = runningHosts();
  if (hosts.length === 0) throw new FlyBrowserError("host_not_running");
  let refused: unknown = new FlyBrowserError("recording_not_found", { recording_id });
  for (const host of hosts) {
    try {
      return { host, result: await host.stopRecording(recording_id) };
    } catch (thrown) {
      const notHere =
        thrown instanceof FlyBrowserError && ["recording_not_found", "recording_elsewhere"].includes(thrown.code);
      if (!notHere) throw thrown;
      if (thrown.code === "recording_elsewhere") refused = thrown;
    }
  }
  throw refused;
}

/** The user's recordings, newest first; none where no host runs. */
export async function allRecordings(): Promise<RecordingInfo[]> {
  const lists = await Promise.all(runningHosts().map((host) => host.listRecordings().catch(() => [])));
  const byId = new Map<string, RecordingInfo>();
  for (const each of lists.flat()) if (!byId.has(each.recording_id)) byId.set(each.recording_id, each);
  return [...byId.values()].sort((a, b) => b.started_at.localeCompare(a.started_at));
}
