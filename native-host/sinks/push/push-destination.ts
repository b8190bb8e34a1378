// The destinations of the kinds `s3` and `hls+https`: plain HLS put into a store, segment by segment, for whoever reads it there.
import * as v from "valibot";
import { type FlyBrowserError, toFlyBrowserError } from "../../../protocol/errors.ts";
import { DestinationOptionsSchema } from "../../../protocol/options.ts";
import { say, sentence } from "../../../protocol/sentence.ts";
import { partLogger } from "../../logging.ts";
import type { MediaSink, SinkOptions } from "../../media/sink.ts";
import type { Packager } from "../../packager/packager.ts";
import type { Destination, DestinationReport } from "../../stream/destination.ts";
import type { DestinationKind, DestinationPlan, DestinationTools, StreamOutline } from "../destination-kind.ts";
import { DestinationLife, RETRY, type RetryPauses } from "../destination-life.ts";
import { HLS_ADDRESS, httpTarget, type PushTarget, S3_ADDRESS, s3Parts, s3Target } from "./address.ts";
import { GroupQueue } from "./group-queue.ts";
import { ObjectStore } from "./object-store.ts";
import { PushedFolder } from "./pushed-folder.ts";

const { url: address, ...others } = DestinationOptionsSchema.entries;
const NO_KEY = say(sentence("allowed.no_s3_key"));

/** A folder of a web server. */
export const HLS_PUSH: DestinationKind = {
  schemes: ["hls+https", "hls+http"],
  options: v.strictObject({
    ...others,
    url: v.pipe(
      address,
      v.check((url) => httpTarget(url) !== null, say(HLS_ADDRESS)),
    ),
  }),
  secrets: ["url", "key"],
  create: (plan, stream, tools) =>
    new PushDestination(plan, httpTarget(plan.url, plan.key) as PushTarget, stream, tools),
};

/** A bucket that speaks S3. */
export const S3: DestinationKind = {
  schemes: ["s3"],
  options: v.strictObject({
    ...others,
    url: v.pipe(
      address,
      v.check((url) => s3Parts(url) !== null, say(S3_ADDRESS)),
    ),
    key: v.optional(v.never(NO_KEY)),
  }),
  secrets: ["key"],
  create: (plan, stream, tools) =>
    new PushDestination(plan, s3Target(s3Parts(plan.url) as NonNullable<ReturnType<typeof s3Parts>>), stream, tools),
};

/** Times of a destination, ms; replaced in tests. */
export interface PushTimes {
  /** For one request. */
  readonly request: number;
  readonly retry: RetryPauses;
}

const TIMES: PushTimes = { request: 10_000, retry: RETRY };
/** s that its own packager keeps: what waits for the store is kept by {@link GroupQueue}. */
const PACKAGER_WINDOW = 4;
/** ms for what is still to be put at the end. */
const CLOSE_TIMEOUT = 2_000;

const log = partLogger("push");

/** One stream, put into one store. */
export class PushDestination implements Destination {
  readonly destination_id: string;
  readonly name: string;
  readonly required: boolean;
  readonly public_url: string;
  readonly advice = [];
  readonly sink: MediaSink;
  readonly sink_options: SinkOptions = {};
  readonly #packager: Packager;
  readonly #queue: GroupQueue;
  readonly #folder: PushedFolder;
  readonly #store: ObjectStore;
  readonly #life: DestinationLife;
  readonly #resumes: boolean;
  #working: Promise<void> | null = null;
  #closing: Promise<void> | null = null;

  constructor(
    plan: DestinationPlan,
    target: PushTarget,
    { resumes }: Pick<StreamOutline, "resumes">,
    tools: Pick<DestinationTools, "packager">,
    times: Partial<PushTimes> = {},
  ) {
    const { request, retry } = { ...TIMES, ...times };
    this.destination_id = plan.destination_id;
    this.name = plan.name;
    this.required = plan.required;
    this.public_url = target.public_url;
    this.#resumes = resumes;
    this.#packager = tools.packager(PACKAGER_WINDOW);
    this.#queue = new GroupQueue(this.#packager);
    this.#store = new ObjectStore({ ...target, timeout: request });
    this.#folder = new PushedFolder(this.#store, this.#packager, target.keep);
    this.#life = new DestinationLife(retry);
    const packager = this.#packager;
    packager.onChange(() => {
      this.#queue.collect();
      this.#work();
    });
    this.sink = {
      name: `push to ${target.server}`,
      openRun: (run) => packager.openRun(run),
      write: (unit) => packager.write(unit),
      closeRun: () => packager.closeRun(),
      end: () => this.#finish(),
    };
  }

  get report(): DestinationReport {
    return {
      ...this.#life.report,
      bytes_sent: this.#folder.bytes_sent,
      dropped_frames: this.#queue.dropped_frames,
    };
  }

  /** Looks at what another host has left there; what is put comes with the first segment. */
  async connect(): Promise<void> {
    if (this.#resumes) await this.#folder.recall().catch(() => {}); // then it begins anew
  }

  onChange(listener: () => void): () => void {
    return this.#life.onChange(listener);
  }

  /** Puts what is left and ends the playlists, within 2 s where that works at once. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const timer = setTimeout(() => this.#store.close(), this.#life.live ? CLOSE_TIMEOUT : 0);
    await this.#finish();
    clearTimeout(timer);
    this.#store.close();
    this.#life.end("ended");
  }

  /** Resolves when all is there, or can't be put. */
  async #finish(): Promise<void> {
    this.#packager.end(); // which tells its listener
    if (this.#life.live) this.#work();
    await this.#working;
  }

  #work(): void {
    if (this.#life.over || this.#life.report.state === "retrying") return;
    this.#working ??= this.#put().finally(() => {
      this.#working = null;
    });
  }

  /** Puts what waits until there is no more of it, or the store doesn't take it. */
  async #put(): Promise<void> {
    try {
      while (this.#queue.next || (this.#packager.ended && this.#folder.open)) {
        const groups = this.#queue.take();
        try {
          await this.#folder.add(groups);
        } catch (thrown) {
          this.#queue.giveBack(groups);
          throw thrown;
        }
        if (this.#packager.ended && !this.#queue.next) await this.#folder.end();
        else await this.#folder.publish();
        if (this.#folder.complete) this.#life.opened();
      }
    } catch (thrown) {
      this.#failed(toFlyBrowserError(thrown));
    }
  }

  #failed(error: FlyBrowserError): void {
    if (this.#closing !== null || this.#life.over) return;
    if (error.code === "destination_refused" && this.#life.untried) {
      this.#life.end("failed", error);
      return;
    }
    log.warn("{reason}", { reason: error.message });
    this.#life.tryAgain(error, () => {
      this.#working ??= this.#put().finally(() => {
        this.#working = null;
      });
    });
  }
}
