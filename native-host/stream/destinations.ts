// The destinations of one publication: connects each, gives it the media once it has accepted the stream, and tells how all of
// them are doing. None of them disturbs another one, or the stream.
import { Emitter } from "../../protocol/emitter.ts";
import { type FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { DestinationStatus } from "../../protocol/results.ts";
import type { Words } from "../../protocol/sentence.ts";
import type { Attachment, FanOut } from "../media/fan-out.ts";
import type { StreamClock } from "../media/stream-clock.ts";
import { type Destination, destinationStatus, rtmpStatus } from "./destination.ts";

/** What all of them together have lost and repaired. */
export interface DestinationTotals {
  readonly dropped_frames: number;
  readonly rtmp_reconnects: number;
  /** When one last came back, by the stream's clock; 0: none ever did. */
  readonly recovered_at: number;
}

/** The destinations of one publication. */
export class Destinations {
  readonly #list: readonly Destination[];
  readonly #media: FanOut;
  readonly #clock: Pick<StreamClock, "now">;
  readonly #changes = new Emitter();
  readonly #attachments = new Map<Destination, Attachment>();
  /** Those without which the stream doesn't count as started, until they have accepted it. */
  readonly #awaited: Set<Destination>;
  readonly #reconnects = new Map<Destination, number>();
  #recoveredAt = 0;
  #failure: FlyBrowserError | null = null;
  #ended = false;

  constructor(list: readonly Destination[], media: FanOut, clock: Pick<StreamClock, "now">) {
    this.#clock = clock;
    this.#list = list;
    this.#media = media;
    this.#awaited = new Set(list.filter(({ required }) => required));
  }

  /** How each is doing, in the order in which they were given. */
  get statuses(): DestinationStatus[] {
    return this.#list.map((each) => destinationStatus(each, this.#attachments.get(each)?.report ?? null));
  }

  /** Every destination that a stream has to have has accepted it. */
  get ready(): boolean {
    return this.#awaited.size === 0;
  }

  /** Why one of those has refused it; `null`: none did. */
  get failure(): FlyBrowserError | null {
    return this.#failure;
  }

  /** As of now. */
  get totals(): DestinationTotals {
    const { statuses } = this;
    return {
      dropped_frames: statuses.reduce((sum, { dropped_frames }) => sum + dropped_frames, 0),
      rtmp_reconnects: rtmpStatus(statuses).reconnects,
      recovered_at: this.#recoveredAt,
    };
  }

  /** What keeps any of them from being well. */
  get troubles(): Words[] {
    return this.#list.flatMap(({ report: { error } }) => (error ? [error.sentence] : []));
  }

  /** Calls `listener` when one has changed; gives the function that ends this. */
  onChange(listener: () => void): () => void {
    return this.#changes.on(listener);
  }

  /** Begins to connect all of them. */
  connect(): void {
    for (const destination of this.#list) void this.#connect(destination);
  }

  /** Gives them no more media, and begins to take leave of them. Idempotent. */
  end(): void {
    this.#ended = true;
    for (const attachment of this.#attachments.values()) attachment.close();
    void this.close();
  }

  /** Takes leave of all of them. Idempotent. */
  async close(): Promise<void> {
    await Promise.allSettled(this.#list.map((destination) => destination.close()));
  }

  async #connect(destination: Destination): Promise<void> {
    destination.onChange(() => {
      const { reconnects } = destination.report;
      if (reconnects > (this.#reconnects.get(destination) ?? 0)) this.#recoveredAt = this.#clock.now;
      this.#reconnects.set(destination, reconnects);
      this.#changes.emit();
    });
    try {
      await destination.connect();
      if (!this.#ended) {
        this.#attachments.set(destination, this.#media.attach(destination.sink, destination.sink_options));
      }
      this.#awaited.delete(destination);
    } catch (thrown) {
      if (destination.required) this.#failure = toFlyBrowserError(thrown);
    }
    this.#changes.emit();
  }
}
