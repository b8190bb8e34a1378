// What recordings see of a stream, and which kind of file its picture fits into. Never records, and never encodes a picture anew.
import { FlyBrowserError } from "../../../protocol/errors.ts";
import type { RecordingFormat } from "../../../protocol/options.ts";
import { readInitSegment } from "../../media/init-segment.ts";
import type { Stream } from "../../stream/stream.ts";

/** The part of a stream that recordings use. */
export type RecordableStream = Pick<
  Stream,
  "stream_id" | "identity" | "feed" | "source" | "tasks" | "is_over" | "waitUntilRecordable"
>;

/**
 * The format in which a stream can be recorded. `wanted`; left out: whichever fits.
 * @throws FlyBrowserError `unsupported_combination`: its picture doesn't fit into what is wanted
 */
export function recordingFormat(
  stream: Pick<RecordableStream, "feed" | "source">,
  wanted: RecordingFormat | undefined,
): RecordingFormat {
  const codec = videoCodec(stream);
  const fitting: RecordingFormat = codec.startsWith("vp09") ? "webm" : "mp4";
  if (wanted === undefined || wanted === fitting) return fitting;
  throw new FlyBrowserError("unsupported_combination", {
    what: `A recording as ${wanted} of a stream in ${codec.split(".")[0] ?? codec}`,
    reason:
      wanted === "webm"
        ? "WebM carries VP9 only, and a recording never encodes the picture a second time"
        : "many players can't play VP9 in MP4",
    instead: `Record as ${fitting}, or start the stream with codec ${wanted === "webm" ? "vp9" : "h264"}.`,
  });
}

/** What the stream's picture is now; before the first: what was asked for. */
function videoCodec({ feed, source }: Pick<RecordableStream, "feed" | "source">): string {
  const video = feed.run?.video;
  const names = { h264: "avc1", h265: "hvc1", vp9: "vp09" } as const;
  return video ? readInitSegment(0, video).codec : names[source.codec];
}
