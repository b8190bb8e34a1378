// The sink of the live engine: each unit is framed once, and one buffer written to the socket of every viewer. It is on the stream only
// while somebody watches that way.
import { LIVE_VERSION, type LiveMessage, objectHead } from "../../protocol/live-messages.ts";
import type { Attachment } from "./fan-out.ts";
import type { InitSegment } from "./init-segment.ts";
import {
  type FramedMessage,
  type LeftOut,
  type LiveOutput,
  LiveReader,
  NOTHING_LEFT_OUT,
  textFrame,
  together,
} from "./live-reader.ts";
import type { MediaRun, MediaSink } from "./sink.ts";
import type { MediaUnit } from "./unit.ts";
import { websocketFrame } from "./websocket-frame.ts";

/** What a {@link LiveFeed} needs. */
export interface LiveFeedOptions {
  /** Puts it on the stream. */
  readonly attach: (sink: MediaSink) => Pick<Attachment, "close">;
  /** The wall time (epoch ms) of a moment of media time (ms). */
  readonly wall: (at: number) => number;
}

/** What is known of a track while its run goes on. */
interface Track {
  readonly alias: number;
  group: number;
  objects: number;
}

const control = (message: LiveMessage): FramedMessage => ({
  ...{ frame: textFrame(message), frames: 0, opens_group: null },
});
const HELLO: LiveMessage = { type: "hello", version: LIVE_VERSION };

/** The feed of one stream. */
export class LiveFeed implements MediaSink {
  readonly name = "live";
  readonly #options: LiveFeedOptions;
  readonly #readers = new Set<LiveReader>();
  #attachment: Pick<Attachment, "close"> | null = null;
  #tracks = new Map<string, Track>();
  #inits: readonly InitSegment[] = [];
  #aliases = 0;
  #group = 0;
  /** What a viewer needs who comes now: the run that goes on, and what came since its last keyframe. */
  #run: FramedMessage | null = null;
  #since: FramedMessage[] = [];
  /** Goes out together, once all that came at the same moment is there. */
  #pending: FramedMessage[] = [];
  #flush: NodeJS.Immediate | null = null;
  #left_out: LeftOut = NOTHING_LEFT_OUT;
  /** The number of the run that is open and isn't announced yet. */
  #opened: number | null = null;
  #ended = false;

  constructor(options: LiveFeedOptions) {
    this.#options = options;
  }

  /** How many watch. */
  get viewers(): number {
    return this.#readers.size;
  }

  /** What viewers have lost who didn't read in time, all of them together. */
  get left_out(): LeftOut {
    return [...this.#readers].reduce((sum, { left_out }) => together(sum, left_out), this.#left_out);
  }

  /** A viewer comes: it gets the run, what came since the last keyframe, and what comes. Gives the function that says it is gone. */
  join(output: LiveOutput): () => void {
    const reader = new LiveReader(output);
    if (!this.#ended) this.#attachment ??= this.#options.attach(this);
    this.#send();
    output.write([control(HELLO), ...(this.#run ? [this.#run, ...this.#since] : [])].map(({ frame }) => frame));
    if (this.#ended) reader.end(control({ type: "end" }));
    else this.#readers.add(reader);
    return () => {
      if (!this.#readers.delete(reader)) return;
      this.#left_out = together(this.#left_out, reader.left_out);
      if (this.#readers.size === 0) this.#detach();
    };
  }

  openRun({ run, inits }: MediaRun): void {
    this.#inits = inits;
    this.#run = null; // announced with its first unit, whose time tells the date
    this.#since = [];
    this.#tracks = new Map(inits.map(({ rendition }) => [rendition.id, this.#track()]));
    this.#opened = run;
  }

  write(unit: MediaUnit): void {
    const track = this.#tracks.get(unit.rendition.id);
    // Priming of the sound at the very beginning of a stream: no decoder misses it.
    if (!track || unit.dts < 0) return;
    const opens_group = unit.kind === "video" && unit.keyframe;
    this.#announce(unit);
    if (opens_group) {
      this.#group++;
      this.#since = [];
    }
    if (track.group !== this.#group) track.objects = 0;
    track.group = this.#group;
    const head = objectHead({
      ...{ track_alias: track.alias, group_id: track.group, object_id: track.objects++ },
      ...{ presentation_time: Math.round(unit.dts * 1000), keyframe: unit.keyframe },
    });
    const frame = websocketFrame([head, unit.bytes]);
    this.#put({ frame, frames: unit.kind === "video" ? unit.frames : 0, opens_group });
  }

  closeRun(): void {
    this.#run = null;
    this.#since = [];
  }

  /** The stream is over, for viewers at least. Idempotent. */
  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#send();
    const last = control({ type: "end" });
    for (const reader of [...this.#readers]) reader.end(last);
    this.#detach();
  }

  #track(): Track {
    return { alias: this.#aliases++, group: 0, objects: 0 };
  }

  #announce({ dts }: MediaUnit): void {
    if (this.#opened === null) return;
    const tracks = this.#inits.map(({ rendition, codec, data }) => ({
      track_alias: this.#tracks.get(rendition.id)?.alias ?? 0,
      kind: rendition.type,
      mime_type: `${rendition.type}/mp4; codecs="${codec}"`,
      init: Buffer.from(data).toString("base64"),
    }));
    const message = { type: "run", run: this.#opened, date_zero: this.#options.wall(dts) - dts, tracks } as const;
    this.#opened = null;
    this.#run = control(message);
    this.#queue(this.#run);
  }

  #put(message: FramedMessage): void {
    this.#since.push(message);
    this.#queue(message);
  }

  #queue(message: FramedMessage): void {
    this.#pending.push(message);
    this.#flush ??= setImmediate(() => this.#send());
  }

  #send(): void {
    if (this.#flush) clearImmediate(this.#flush);
    this.#flush = null;
    const messages = this.#pending;
    this.#pending = [];
    if (messages.length === 0 || this.#readers.size === 0) return;
    const batch = { messages, bytes: Buffer.concat(messages.map(({ frame }) => frame)) };
    for (const reader of [...this.#readers]) reader.push(batch);
  }

  #detach(): void {
    this.#attachment?.close();
    this.#attachment = null;
    this.#run = null;
    this.#since = [];
    this.#pending = [];
  }
}
