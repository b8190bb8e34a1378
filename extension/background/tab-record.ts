// What is known of one captured tab: three states (of its capture, its stream, its recording) with what may follow what,
// and what the host has said of it.
import * as v from "valibot";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { PopupState } from "../../protocol/extension-messages.ts";
import { StreamIdentitySchema, TabSchema } from "../../protocol/native-messages.ts";
import { type ResolvedStartStreamOptions, ResolvedStartStreamOptionsSchema } from "../../protocol/options.ts";
import { PLACES, StreamInfoSchema } from "../../protocol/results.ts";
import { sentence, type Words } from "../../protocol/sentence.ts";
import { encodingOf } from "./encoding.ts";

type Next<State extends string> = Readonly<Record<State, readonly State[]>>;

/** The tab is captured from `starting` to `ended`. `recovering`: the host is being replaced. */
type CaptureState = "starting" | "live" | "recovering" | "stopping" | "ended";
/** What viewers have of it. `none`: it is only recorded. */
type PublishState = "none" | "starting" | "live" | "stopping";
/** Whether it is recorded; `starting` until the host does. */
type RecordingState = "none" | "starting" | "running";

/** Which state may follow which. */
export const NEXT_STATES = {
  capture: {
    starting: ["live", "stopping"],
    live: ["recovering", "stopping"],
    // A service worker that was restarted finds `recovering`, and recovers again.
    recovering: ["live", "recovering", "stopping"],
    stopping: ["ended"],
    ended: [],
  } satisfies Next<CaptureState>,
  stream: {
    none: ["starting"],
    starting: ["live", "stopping"],
    live: ["stopping"],
    stopping: ["none"],
  } satisfies Next<PublishState>,
  recording: {
    // What a program begins at the host is running when the extension hears of it.
    none: ["starting", "running"],
    starting: ["running", "none"],
    running: ["running", "none"],
  } satisfies Next<RecordingState>,
} as const;

const states = <State extends string>(next: Next<State>) => v.picklist(Object.keys(next) as State[]);

/** Schema of {@link TabRecord}. */
export const TabRecordSchema = v.object({
  capture: states<CaptureState>(NEXT_STATES.capture),
  stream: states<PublishState>(NEXT_STATES.stream),
  recording: states<RecordingState>(NEXT_STATES.recording),
  /** The recording that the host has begun. */
  recording_id: v.nullable(v.string()),
  tab: TabSchema,
  options: ResolvedStartStreamOptionsSchema,
  /** `null` until the host has opened it. */
  identity: v.nullable(StreamIdentitySchema),
  /** Port of the host's HTTP server, for the links to live on. */
  host_port: v.nullable(v.number()),
  /** That host's session: it may live on where the service worker or the connection has died. */
  host_session: v.optional(v.nullable(v.string()), null),
  /** Its user has muted it. */
  muted: v.optional(v.boolean(), false),
  /** Where the program works. */
  place: v.optional(v.picklist(PLACES), "here"),
  /** Tabs in which a stream that follows was before, the one to go back to last; and the one in which it began. */
  before: v.optional(v.array(v.number()), []),
  home: v.optional(v.nullable(v.number()), null),
  /** The tabs that it may show; `null`: any. */
  admitted: v.optional(v.nullable(v.array(v.number())), null),
  /** The last status that the host sent. */
  info: v.nullable(StreamInfoSchema),
});
/** What is known of one captured tab. */
export type TabRecord = Readonly<v.InferOutput<typeof TabRecordSchema>>;

/** The record of a capture that is about to begin, for viewers or for a recording alone. */
export function newRecord(
  tab_id: number,
  options: ResolvedStartStreamOptions,
  purpose: "stream" | "recording",
): TabRecord {
  return {
    capture: "starting",
    stream: purpose === "stream" ? "starting" : "none",
    recording: purpose === "recording" ? "starting" : "none",
    recording_id: null,
    tab: { tab_id, target_id: null, url: "", title: "", not_capturable: null, stream_id: null },
    options,
    ...{ identity: null, host_port: null, host_session: null, info: null },
    muted: false,
    ...{ place: "here", before: [], home: tab_id, admitted: null },
  };
}

/** What changes in a record once nobody sees the tab any more. */
export function unseen({ options, identity }: TabRecord) {
  return { info: null, options: encodingOf(options), identity: identity && { ...identity, published_at: null } };
}

/** The record as a new service worker takes it over: a step that was under way is lost with the worker that took it. */
export function restored(record: TabRecord): TabRecord {
  const recording = record.recording_id === null ? "none" : record.recording;
  if (recording === "none" || record.stream === "live") return { ...record, recording };
  return { ...record, ...unseen(record), recording, stream: "none" };
}

/** Whether the tab goes on after the service worker was restarted. */
export function goesOn({ capture, stream, recording }: TabRecord): boolean {
  return (capture === "live" || capture === "recovering") && (recording !== "none" || stream === "live");
}

/** The phase of the tab's stream, for people. */
export function streamPhase(record: TabRecord | undefined): PopupState["phase"] {
  if (!record || record.stream === "none" || record.capture === "ended") return "idle";
  return record.stream === "live" || record.capture === "stopping" ? record.capture : record.stream;
}

/** The record of one tab as it changes. */
export class TabState {
  readonly #onChange: () => void;
  #record: TabRecord;
  /** Why its start was stopped. */
  #stoppedBecause: Words = sentence("capture.stopped_early");

  constructor(record: TabRecord, onChange: () => void) {
    this.#record = record;
    this.#onChange = onChange;
  }

  /** The record as it is. */
  get record(): TabRecord {
    return this.#record;
  }

  /** Whether its host is being replaced. */
  get recovering(): boolean {
    return this.#record.capture === "recovering";
  }

  /** Whether it goes on for its recording alone. */
  get onlyRecorded(): boolean {
    return this.#record.recording !== "none" && this.#record.stream !== "live";
  }

  /**
   * Changes the record.
   * @throws FlyBrowserError `internal` when a state can't follow: a defect of ours
   */
  change(change: Partial<TabRecord>): void {
    for (const name of ["capture", "stream", "recording"] as const) {
      const [from, to] = [this.#record[name], change[name]];
      if (to === undefined || (NEXT_STATES[name] as Record<string, readonly string[]>)[from]?.includes(to)) continue;
      throw new FlyBrowserError("internal", { reason: sentence("capture.wrong_state", { name, from, to }) });
    }
    this.#record = { ...this.#record, ...change };
    this.#onChange();
  }

  /** The host's id, while a host has it. @throws FlyBrowserError `host_lost`, `no_active_stream` */
  hosted(): string {
    if (this.recovering) throw new FlyBrowserError("host_lost", { reason: sentence("host.not_there_yet") });
    const { capture, identity } = this.#record;
    if (identity === null || capture !== "live") throw new FlyBrowserError("no_active_stream");
    return identity.stream_id;
  }

  /** Its start is no longer wanted: the checks below say so. */
  stopStart(reason: Words): void {
    this.#stoppedBecause = reason;
  }

  /** @throws FlyBrowserError `start_stopped` when it was let go while its capture started */
  checkStarting(): void {
    if (this.#record.capture !== "starting") this.#throwStopped();
  }

  /** @throws FlyBrowserError `start_stopped` when its stream was stopped while it started */
  checkPublishing(): void {
    const { capture, stream } = this.#record;
    if (stream !== "starting" || capture === "stopping" || capture === "ended") this.#throwStopped();
  }

  #throwStopped(): never {
    throw new FlyBrowserError("start_stopped", { reason: this.#stoppedBecause });
  }
}
