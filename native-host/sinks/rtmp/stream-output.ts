// The RTMP output as the stream sees it: its media, its report, its connection. Never retries by itself: RtmpOutput does.
import { toFlyBrowserError } from "../../../protocol/errors.ts";
import type { ResolvedStartStreamOptions } from "../../../protocol/options.ts";
import { PROFILES } from "../../../protocol/profiles.ts";
import type { TrackKind } from "../../media/track-kind.ts";
import type { MediaReader, MediaRun } from "../../stream/media-feed.ts";
import type { OutputReport, StreamOutput } from "../../stream/output.ts";
import type { RtmpLog } from "./connection.ts";
import { RtmpOutput } from "./rtmp-output.ts";

/** ms for the first connection: with the rest of a start it stays below 10 s. */
const CONNECT_TIMEOUT = 8_000;

/** Where a run of an output is refused: it is told of, the stream goes on. */
class RtmpReader implements MediaReader {
  readonly #output: RtmpOutput;
  /** Why the run that is open is not published; `null`: it is. */
  trouble: string | null = null;

  constructor(output: RtmpOutput) {
    this.#output = output;
  }

  openRun({ video, audio }: MediaRun): void {
    this.#try(() => this.#output.openRun({ video, audio }), true);
  }

  write(kind: TrackKind, fragment: Uint8Array): void {
    if (this.trouble === null) this.#try(() => this.#output.write(kind, fragment), false);
  }

  #try(act: () => void, anew: boolean): void {
    try {
      act();
      if (anew) this.trouble = null;
    } catch (thrown) {
      this.trouble = toFlyBrowserError(thrown).message;
    }
  }
}

class RtmpStreamOutput implements StreamOutput {
  readonly reader: RtmpReader;
  readonly #output: RtmpOutput;
  #recoveredAt: number | null = null;
  #reconnects = 0;

  constructor(output: RtmpOutput) {
    this.#output = output;
    this.reader = new RtmpReader(output);
    output.onChange(({ reconnects }) => {
      if (reconnects > this.#reconnects) this.#recoveredAt = Date.now();
      this.#reconnects = reconnects;
    });
  }

  get public_url(): string {
    return this.#output.publicUrl;
  }

  get report(): OutputReport {
    const { state, reconnects, dropped_frames, missed_frames, last_error } = this.#output.status;
    const lost =
      state === "reconnecting" ? `${last_error?.message ?? "RTMP: the connection is lost"} It is tried again.` : null;
    return {
      reconnects,
      dropped_frames: dropped_frames + missed_frames,
      trouble: lost ?? this.reader.trouble,
      recovered_at: this.#recoveredAt,
    };
  }

  connect(): Promise<void> {
    return this.#output.connect();
  }

  onChange(listener: () => void): void {
    this.#output.onChange(listener);
  }

  close(): Promise<void> {
    return this.#output.close();
  }
}

/**
 * The output that the options ask for; `undefined`: none. `resumes`: a host that died has published the stream before.
 * @throws FlyBrowserError `invalid_option` for a URL that can't be used
 */
export function rtmpOutput(
  options: ResolvedStartStreamOptions,
  log: RtmpLog,
  resumes: boolean,
): StreamOutput | undefined {
  const { protocol, rtmp_url: url, rtmp_key, codec, quality, frame_rate } = options;
  if (protocol !== "rtmp" || url === undefined) return undefined;
  const profile = PROFILES[quality];
  return new RtmpStreamOutput(
    new RtmpOutput({
      url,
      ...(rtmp_key === undefined ? {} : { key: rtmp_key }),
      log,
      codec,
      resumes,
      connectTimeout: CONNECT_TIMEOUT,
      frame_rate: frame_rate ?? profile.frame_rate,
      ...(profile.video_bitrate === null ? {} : { video_bitrate: profile.video_bitrate }),
      audio_bitrate: profile.audio_bitrate,
    }),
  );
}
