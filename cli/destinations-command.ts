// `flybrowser destinations`: lists, adds and removes the destinations of streams that run.
import { FlyBrowserError } from "../protocol/errors.ts";
import type { DestinationStatusInWords as DestinationStatus } from "../protocol/results.ts";
import { destinationOf } from "./destination-flags.ts";
import { oneStream, type RunningStream, runningStreams } from "./hosts-command.ts";
import { printJson, say, sizeText } from "./report.ts";

/** Flags of the subcommands. */
interface DestinationFlags {
  readonly json?: boolean;
  /** Of the stream; left out: the only one. */
  readonly stream?: string;
  readonly watchUrl?: string;
}

function describe(destination: DestinationStatus, json: boolean | undefined): void {
  if (json) printJson(destination);
  else say(destinationLine(destination));
}

/** A destination in a line. */
export function destinationLine({ destination_id, name, url, state, bytes_sent, error }: DestinationStatus): string {
  const trouble = error === null ? "" : `  ·  ${error}`;
  return `  ${destination_id}  ${name}  ${url}  ${state}  ·  ${sizeText(bytes_sent)}${trouble}`;
}

/** Shows them. @throws FlyBrowserError `host_not_running` */
export async function listDestinationsCommand({ json, stream: id }: DestinationFlags): Promise<void> {
  const running = (await runningStreams()).filter(({ stream }) => id === undefined || stream.stream_id === id);
  if (json) {
    printJson({ streams: running.map(({ stream: { stream_id, destinations } }) => ({ stream_id, destinations })) });
    return;
  }
  if (running.length === 0) say("Nothing is being streamed.");
  for (const { stream } of running) {
    say(`${stream.stream_id}${stream.destinations.length === 0 ? ": no destinations" : ""}`);
    for (const destination of stream.destinations) say(destinationLine(destination));
  }
}

/** Adds one. @throws FlyBrowserError `no_active_stream`, and what `addDestination` throws */
export async function addDestinationCommand(to: string, flags: DestinationFlags): Promise<void> {
  const { host, stream } = await oneStream(flags.stream);
  const destination = destinationOf(to, process.env, "url");
  const page = flags.watchUrl === undefined ? {} : { watch_url: flags.watchUrl };
  describe(await host.addDestination(stream.stream_id, { ...destination, ...page }), flags.json);
}

/** Takes leave of one. @throws FlyBrowserError `destination_not_found` */
export async function removeDestinationCommand(destination_id: string, { json }: DestinationFlags): Promise<void> {
  const has = ({ stream }: RunningStream) => stream.destinations.some((each) => each.destination_id === destination_id);
  const running = (await runningStreams()).find(has);
  if (!running) throw new FlyBrowserError("destination_not_found", { destination_id });
  describe(await running.host.removeDestination(running.stream.stream_id, destination_id), json);
}
