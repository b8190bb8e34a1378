// The destination of the kind `whip+https`: the tab's own tracks, sent by WebRTC from the extension's capturing document. The host
// does the HTTP and keeps the token.
import * as v from "valibot";
import { FlyBrowserError, toFlyBrowserError } from "../../../protocol/errors.ts";
import type { PublisherReport } from "../../../protocol/native-messages.ts";
import { DestinationOptionsSchema } from "../../../protocol/options.ts";
import { say, sentence } from "../../../protocol/sentence.ts";
import { partLogger } from "../../logging.ts";
import type { SinkOptions } from "../../media/sink.ts";
import type { Destination, DestinationReport } from "../../stream/destination.ts";
import type { DestinationKind, DestinationPlan, DestinationTools } from "../destination-kind.ts";
import { DestinationLife, RETRY, type RetryPauses } from "../destination-life.ts";
import type { Publisher } from "./publishers.ts";
import { WhipSession, type WhipTarget } from "./whip-session.ts";

/** What a WHIP address looks like, in words for an error. */
const WHIP_ADDRESS = sentence("allowed.whip_address");

/** WHIP. */
export const WHIP: DestinationKind = {
  schemes: ["whip+https", "whip+http"],
  options: v.strictObject({
    ...DestinationOptionsSchema.entries,
    url: v.pipe(
      DestinationOptionsSchema.entries.url,
      v.check((url) => endpointOf(url) !== null, say(WHIP_ADDRESS)),
    ),
  }),
  secrets: ["url", "key"],
  create: (plan, _stream, tools) => new WhipDestination(plan, tools),
};

const log = partLogger("whip");

/** The endpoint behind an address; `null`: it can't be used. */
export function endpointOf(address: string): URL | null {
  const url = /^whip\+(https?:\/\/.+)$/i.exec(address)?.[1];
  if (url === undefined || !URL.canParse(url)) return null;
  const parsed = new URL(url);
  return parsed.username === "" && parsed.password === "" && parsed.hash === "" ? parsed : null;
}

/** One stream on one server. */
export class WhipDestination implements Destination {
  readonly destination_id: string;
  readonly name: string;
  readonly required: boolean;
  /** Scheme and server alone: paths of WHIP hold keys. */
  readonly public_url: string;
  readonly advice = [];
  readonly sink = null;
  readonly sink_options: SinkOptions = {};
  readonly #target: WhipTarget;
  readonly #open: DestinationTools["openPublisher"];
  readonly #life: DestinationLife;
  readonly #abort = new AbortController();
  /** The attempt that is under way, or has come to something. */
  #current: symbol | null = null;
  #publisher: Publisher | null = null;
  #session: WhipSession | null = null;
  #report: PublisherReport | null = null;
  /** Of the connections that are over. */
  #before = { bytes_sent: 0, dropped_frames: 0 };
  #closing: Promise<void> | null = null;

  /** @throws FlyBrowserError `invalid_option` for an address that can't be used */
  constructor(plan: DestinationPlan, tools: Pick<DestinationTools, "openPublisher">, retry: RetryPauses = RETRY) {
    const endpoint = endpointOf(plan.url);
    if (!endpoint) {
      const value = sentence("value.hidden");
      throw new FlyBrowserError("invalid_option", { option: "url", value, allowed: WHIP_ADDRESS });
    }
    this.destination_id = plan.destination_id;
    this.name = plan.name;
    this.required = plan.required;
    this.public_url = `whip+${endpoint.origin}`;
    this.#target = { endpoint: endpoint.href, server: this.public_url, token: plan.key };
    this.#open = tools.openPublisher;
    this.#life = new DestinationLife(retry);
  }

  get report(): DestinationReport {
    const { bytes_sent = 0, dropped_frames = 0 } = this.#report ?? {};
    return {
      ...this.#life.report,
      bytes_sent: this.#before.bytes_sent + bytes_sent,
      dropped_frames: this.#before.dropped_frames + dropped_frames,
    };
  }

  /** Begins to connect; what comes of it, the report tells. */
  async connect(): Promise<void> {
    void this.#attempt();
  }

  onChange(listener: () => void): () => void {
    return this.#life.onChange(listener);
  }

  /** Ends the session on the server; at most about 2 s. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#abort.abort();
    await this.#letGo();
    this.#life.end("ended");
  }

  async #attempt(): Promise<void> {
    try {
      const attempt = Symbol("attempt");
      this.#current = attempt;
      const publisher = await this.#open(this.destination_id, (report) => {
        if (attempt === this.#current) this.#changed(report);
      });
      this.#publisher = publisher;
      const session = await WhipSession.open(this.#target, publisher.offer, this.#abort.signal);
      this.#session = session;
      if (this.#closing !== null) return await this.#letGo();
      await publisher.answer(session.answer);
    } catch (thrown) {
      await this.#failed(toFlyBrowserError(thrown));
    }
  }

  #changed(report: PublisherReport): void {
    if (this.#closing !== null) return;
    if (report.state === "lost") {
      const { server } = this.#target;
      const error = this.#life.live
        ? new FlyBrowserError("destination_lost", { server, reason: sentence("connection.gone") })
        : new FlyBrowserError("destination_unreachable", { server, reason: sentence("whip.not_connected") });
      void this.#failed(error);
      return;
    }
    this.#report = report;
    if (report.state === "connected") this.#life.opened();
  }

  async #failed(error: FlyBrowserError): Promise<void> {
    await this.#letGo();
    if (this.#closing !== null || this.#life.over) return;
    const final = ["destination_refused", "webrtc_answer_invalid"].includes(error.code);
    if (final && this.#life.untried) {
      this.#life.end("failed", error);
      return;
    }
    log.warn("{reason}", { reason: error.message });
    // The capture begins after its destinations, and anew after a crash.
    const waits = error.code === "no_active_stream" && this.#life.untried;
    this.#life.tryAgain(waits ? null : error, () => void this.#attempt());
  }

  /** Ends what there is of a connection, and keeps its counts. */
  async #letGo(): Promise<void> {
    const [publisher, session] = [this.#publisher, this.#session];
    [this.#publisher, this.#session, this.#current] = [null, null, null];
    const { bytes_sent, dropped_frames } = this.report;
    this.#before = { bytes_sent, dropped_frames };
    this.#report = null;
    await Promise.all([publisher?.close(), session?.close()]);
  }
}
