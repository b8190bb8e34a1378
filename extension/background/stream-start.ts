// The steps of a start, as many at the same time as Chrome allows.
// Never undoes what the host has answered: Streams does, when a step throws.
import { FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { StartStreamResult } from "../../protocol/results.ts";
import { toBase64 } from "./base64.ts";
import { captureRequest } from "./capture-request.ts";
import { captureError } from "./chrome-errors.ts";
import type { SerialQueue } from "./serial-queue.ts";
import type { StreamRecord } from "./stream-record.ts";
import type { StreamParts } from "./streams.ts";

/**
 * Takes a capture from nothing to playable, or, where nobody is to see it, to its first media; writes what becomes known into
 * `record`. Gives `null` where nobody is to see it.
 * @throws FlyBrowserError what went wrong, in whichever step
 */
export async function startSteps(
  parts: StreamParts,
  captures: SerialQueue,
  record: StreamRecord,
): Promise<StartStreamResult | null> {
  const { tab_id } = record.tab;
  const [tab, host] = await Promise.all([parts.getTab(tab_id), parts.host.connect(), parts.offscreen.open()]);
  record.tab = tab;
  if (tab.not_capturable !== null) throw new FlyBrowserError("tab_not_capturable", { reason: tab.not_capturable });
  if (!host.ffmpeg) throw new FlyBrowserError("ffmpeg_not_found", { reason: "the host found none that works" });
  stillWanted(record);

  // The order matters: the media stream id lives for seconds, and the host must know a stream before its media come.
  const identity = await captures.run(async () => {
    stillWanted(record);
    const proposed_id = newStreamId();
    const mediaStreamId = parts
      .getMediaStreamId(tab_id)
      .catch((thrown: unknown) => Promise.reject(captureError(thrown)));
    const [media_stream_id, opened] = await Promise.allSettled([
      mediaStreamId,
      parts.host.call("openStream", {
        ...{ tab, options: record.options, published: record.stream !== "none" },
        stream_id: proposed_id,
      }),
    ]);
    if (opened.status === "fulfilled") {
      record.identity = opened.value;
      record.host_port = host.port;
      parts.captured.save();
    } else if (parts.host.info) {
      // It may be the answer alone that is missing: nobody else could end what the host still makes.
      const { message: reason } = toFlyBrowserError(opened.reason);
      parts.host.call("closeStream", { stream_id: proposed_id, reason }).catch(() => {});
    }
    if (media_stream_id.status === "rejected") throw media_stream_id.reason;
    if (opened.status === "rejected") throw opened.reason;
    stillWanted(record);
    const { stream_id } = opened.value;
    parts.relay.attach(stream_id);
    await parts.offscreen.call("startCapture", captureRequest(stream_id, media_stream_id.value, record.options));
    return opened.value;
  });
  stillWanted(record);
  if (record.stream === "none") return null;
  const result = await parts.host.call("waitUntilPlayable", { stream_id: identity.stream_id });
  stillWanted(record);
  return result;
}

/** An id that no other stream has, in the form of the host's own. */
function newStreamId(): string {
  const random = toBase64(crypto.getRandomValues(new Uint8Array(9)));
  return `stream_${random.replaceAll("+", "-").replaceAll("/", "_")}`;
}

function stillWanted(record: StreamRecord): void {
  if (record.phase === "starting") return;
  throw new FlyBrowserError("capture_failed", { reason: "it was stopped while it was starting" });
}
