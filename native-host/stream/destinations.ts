// The destinations of one publication: connects each, gives it the media once it has accepted the stream, and tells how all of
// them are doing. None of them disturbs another one, or the stream.
import { timeout } from "../../protocol/async.ts";
import { Emitter } from "../../protocol/emitter.ts";
import { FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import { MAX_DESTINATIONS } from "../../protocol/options.ts";
import type { DestinationStatus } from "../../protocol/results.ts";
import { sentence, type Words } from "../../protocol/sentence.ts";
import type { Attachment, FanOut } from "../media/fan-out.ts";
import type { StreamClock } from "../media/stream-clock.ts";
import { type Destination, destinationStatus, rtmpStatus } from "./destination.ts";

/** ms in which what waits for a destination may still go out at the end. */
const DRAIN_WITHIN = 5_000;

/** What all of them together have lost and repaired. */
export interface DestinationTotals {
  readonly dropped_frames: number;
  readonly rtmp_reconnects: number;
  /** When one last came back, by the stream's clock; 0: none ever did. */
  readonly recovered_at: number;
}

/** The destinations of one publication. */
export class Destinations {
  #list: readonly Destination[];
  readonly #media: FanOut;
  readonly #clock: Pick<StreamClock, "now">;
  readonly #changes = new Emitter();
  readonly #attachments = new Map<Destination, Attachment>();
  /** Those without which the stream doesn't count as started, until they have accepted it. */
  readonly #awaited: Set<Destination>;
  readonly #reconnects = new Map<Destination, number>();
  /** Last words of those that were taken away: what was counted stays counted. */
  #gone: readonly DestinationStatus[] = [];
  #recoveredAt = 0;
  #failure: FlyBrowserError | null = null;
  #leaving: Promise<void> | null = null;

  constructor(list: readonly Destination[], media: FanOut, clock: Pick<StreamClock, "now">) {
    this.#clock = clock;
    this.#list = list;
    this.#media = media;
    this.#awaited = new Set(list.filter(({ required }) => required));
  }

  /** How each is doing, in the order in which they were given. */
  get statuses(): DestinationStatus[] {
    return this.#list.map((each) => this.#statusOf(each));
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
    const all = [...this.#gone, ...this.statuses];
    return {
      dropped_frames: all.reduce((sum, { dropped_frames }) => sum + dropped_frames, 0),
      rtmp_reconnects: rtmpStatus(all).reconnects,
      recovered_at: this.#recoveredAt,
    };
  }

  /** What keeps any of them from being well. */
  get troubles(): Words[] {
    return this.#list.flatMap(({ report: { error } }) => (error ? [error.sentence] : []));
  }

  /** What is worth a word, though they are well. */
  get advice(): Words[] {
    return this.#list.flatMap(({ advice }) => advice);
  }

  /** Calls `listener` when one has changed; gives the function that ends this. */
  onChange(listener: () => void): () => void {
    return this.#changes.on(listener);
  }

  /** Begins to connect all of them. */
  connect(): void {
    for (const destination of this.#list) void this.#connect(destination);
  }

  /**
   * One more while live; begins to connect it.
   * @throws FlyBrowserError `no_active_stream` after the end, `invalid_option` when there are too many
   */
  add(destination: Destination): DestinationStatus {
    if (this.#leaving !== null) throw new FlyBrowserError("no_active_stream");
    if (this.#list.length >= MAX_DESTINATIONS) {
      const value = sentence("value.count", { count: this.#list.length + 1 });
      const allowed = sentence("allowed.destinations", { limit: MAX_DESTINATIONS });
      throw new FlyBrowserError("invalid_option", { option: "destinations", value, allowed });
    }
    this.#list = [...this.#list, destination];
    void this.#connect(destination);
    this.#changes.emit();
    return this.#statusOf(destination);
  }

  /**
   * Takes leave of one; gives its last status.
   * @throws FlyBrowserError `destination_not_found`
   */
  async remove(destination_id: string): Promise<DestinationStatus> {
    const destination = this.#list.find((each) => each.destination_id === destination_id);
    if (!destination) throw new FlyBrowserError("destination_not_found", { destination_id });
    this.#list = this.#list.filter((each) => each !== destination);
    this.#awaited.delete(destination);
    this.#changes.emit();
    await this.#leave(destination);
    const status = this.#statusOf(destination);
    this.#gone = [...this.#gone, status];
    this.#attachments.delete(destination);
    this.#reconnects.delete(destination);
    this.#changes.emit();
    return status;
  }

  /** Gives them no more media, lets what waits go out, and takes leave of them. Idempotent. */
  end(): void {
    void this.close();
  }

  /** The same; resolves when all of them are gone. Idempotent. */
  close(): Promise<void> {
    this.#leaving ??= Promise.allSettled(this.#list.map((each) => this.#leave(each))).then(() => {});
    return this.#leaving;
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
      if (destination.sink && this.#leaving === null && this.#list.includes(destination)) {
        this.#attachments.set(destination, this.#media.attach(destination.sink, destination.sink_options));
      }
      this.#awaited.delete(destination);
    } catch (thrown) {
      if (destination.required) this.#failure = toFlyBrowserError(thrown);
    }
    this.#changes.emit();
  }

  async #leave(destination: Destination): Promise<void> {
    const attachment = this.#attachments.get(destination);
    // One that isn't there takes nothing any more.
    if (attachment && destination.report.state === "live") await timeout(attachment.finish(), DRAIN_WITHIN);
    attachment?.close();
    await destination.close().catch(() => {}); // it is gone all the same
  }

  #statusOf(destination: Destination): DestinationStatus {
    return destinationStatus(destination, this.#attachments.get(destination)?.report ?? null);
  }
}
