// `flybrowser clip`: makes a file of the last seconds of a running stream, or of one of its tasks.
import { parseClipOptions } from "../protocol/clips.ts";
import { oneStream } from "./hosts-command.ts";
import { printJson, say } from "./report.ts";
import { asFlags } from "./stream-flags.ts";

interface ClipFlags {
  readonly stream?: string;
  readonly seconds?: string;
  readonly task?: string;
  readonly format?: string;
  readonly json?: boolean;
}

/** Makes a clip. @throws FlyBrowserError `invalid_option`, `no_active_stream`, `task_not_found`, `clip_unavailable`, `clip_failed`. */
export async function clipCommand({ stream: named, seconds, task, format, json = false }: ClipFlags): Promise<void> {
  const options = {
    ...(seconds === undefined ? {} : { seconds: Number.isNaN(Number(seconds)) ? seconds : Number(seconds) }),
    ...(task === undefined ? {} : { task_id: task }),
    ...(format === undefined ? {} : { format }),
  };
  const checked = asFlags(() => parseClipOptions(options), { task_id: "--task" });
  const { host, stream } = await oneStream(named);
  const clip = await host.clip(stream.stream_id, checked);
  if (json) printJson(clip);
  else say(`${clip.file_path}  (${clip.duration_seconds.toFixed(1)} s, ${Math.ceil(clip.size_bytes / 1024)} KiB)`);
}
