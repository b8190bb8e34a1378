// `flybrowser quality`: changes the quality of a running stream.
import { parseQuality } from "../protocol/options.ts";
import { oneStream } from "./hosts-command.ts";
import { printJson, say } from "./report.ts";

interface QualityFlags {
  readonly stream?: string;
  readonly json?: boolean;
}

/** Changes it. @throws FlyBrowserError `invalid_option`, `no_active_stream`, `unsupported_combination`, `tab_not_invoked`, `capture_failed` */
export async function qualityCommand(quality: string, { stream: named, json = false }: QualityFlags): Promise<void> {
  const asked = parseQuality(quality);
  const { host, stream } = await oneStream(named);
  const info = await host.setQuality(stream.stream_id, asked);
  if (json) printJson(info);
  else say(`${info.stream_id}: ${info.quality}, ${info.width}×${info.height}, ${info.frame_rate} fps`);
}
