// Tells the host how playback goes at this viewer, every ten seconds and when it stalls or goes on: CMCD version 2 in event mode
// (CTA-5004-B), the same for every engine.
import { CmcdPlayerState, CmcdReporter, CmcdStreamingFormat } from "@svta/cml-cmcd";
import type { PlaybackProtocol } from "./engines/engine.ts";
import type { Phase } from "./state-machine.ts";
import type { PlaybackStats } from "./stats.ts";

/** s between two reports. */
const INTERVAL = 10;
/** ms within which the host must take one. */
const TIMEOUT = 5_000;

const STATES = {
  connecting: CmcdPlayerState.STARTING,
  live: CmcdPlayerState.PLAYING,
  rewound: CmcdPlayerState.PLAYING,
  finishing: CmcdPlayerState.PLAYING,
  paused: CmcdPlayerState.PAUSED,
  reconnecting: CmcdPlayerState.REBUFFERING,
  lost: CmcdPlayerState.REBUFFERING,
  ended: CmcdPlayerState.ENDED,
} as const satisfies Record<Phase, string>;

const FORMATS: Readonly<Partial<Record<PlaybackProtocol, CmcdStreamingFormat>>> = {
  "ll-hls": CmcdStreamingFormat.HLS,
  hls: CmcdStreamingFormat.HLS,
  "native-hls": CmcdStreamingFormat.HLS,
  dash: CmcdStreamingFormat.DASH,
};

/** What the reporter wants to have sent. */
type ReportRequest = Parameters<NonNullable<ConstructorParameters<typeof CmcdReporter>[1]>>[0];

/** How playback goes at one moment. */
export interface PlaybackMoment {
  readonly phase: Phase;
  /** When the phase began, ms; of a stall: when the last frame was shown. */
  readonly since: number;
  readonly protocol: PlaybackProtocol | null;
  readonly stats: Pick<PlaybackStats, "latency" | "dropped_frames">;
}

/** Reports for one page. */
export class PlaybackReport {
  readonly #reporter: CmcdReporter;
  readonly #opened: number;
  #state: CmcdPlayerState | null = null;
  #started = false;
  /** When the stall that goes on began, ms. */
  #stalledSince: number | null = null;
  #stalls = 0;
  /** ms of all stalls that are over. */
  #stalled = 0;

  /** `url`: where the host takes reports; `now`: ms of the clock of {@link PlaybackReport.update}. */
  constructor(url: URL, now: number) {
    this.#opened = now;
    const target = {
      ...{ url: url.href, events: ["ps", "t"] as ("ps" | "t")[], interval: INTERVAL },
      enabledKeys: (["sid", "v", "e", "ts", "sn", "sta", "sf", "ltc", "bsa", "bsda", "dfa", "msd"] as const).slice(),
    };
    const sid = [...crypto.getRandomValues(new Uint8Array(12))]
      .map((byte) => byte.toString(16).padStart(2, "0"))
      .join("");
    this.#reporter = new CmcdReporter({ sid, eventTargets: [target] }, send);
  }

  /** Takes in how it goes; several times a second. `now` in ms. */
  update({ phase, since, protocol, stats }: PlaybackMoment, now: number): void {
    const state = STATES[phase];
    const changed = state !== this.#state;
    this.#state = state;
    const playing = state === CmcdPlayerState.PLAYING;
    // What keeps a page waiting before its first frame is no stall but its start.
    if (state === CmcdPlayerState.REBUFFERING && this.#started) {
      if (this.#stalledSince === null) this.#stalls++;
      this.#stalledSince ??= since;
    } else if (this.#stalledSince !== null) {
      this.#stalled += now - this.#stalledSince;
      this.#stalledSince = null;
    }
    const stalled = this.#stalled + (this.#stalledSince === null ? 0 : now - this.#stalledSince);
    this.#reporter.update({
      sta: state,
      sf: (protocol && FORMATS[protocol]) ?? CmcdStreamingFormat.OTHER,
      ...(stats.latency === null ? {} : { ltc: Math.round(stats.latency) }),
      ...(stats.dropped_frames === null ? {} : { dfa: stats.dropped_frames }),
      bsa: [this.#stalls],
      bsda: [Math.round(stalled)],
      ...(playing && !this.#started ? { msd: Math.round(now - this.#opened) } : {}),
    });
    if (playing && !this.#started) {
      this.#started = true;
      this.#reporter.start();
    } else if (changed) this.#reporter.recordEvent("ps");
  }

  /** The viewer leaves the page, for now or for good. */
  leave(): void {
    if (this.#state === null) return;
    this.#state = null;
    this.#reporter.update({ sta: CmcdPlayerState.QUIT });
    this.#reporter.recordEvent("ps");
  }

  /** Sends nothing more. Idempotent. */
  close(): void {
    this.#reporter.stop();
  }
}

/** Sends a report; one that can't be sent is left out, since the next one has its sums as well. */
async function send({ url, headers, body }: ReportRequest): Promise<{ status: number }> {
  const signal = AbortSignal.timeout(TIMEOUT);
  await fetch(url, {
    ...{ method: "POST", headers: headers ?? {}, body: String(body), keepalive: true, signal },
  }).catch(() => {});
  return { status: 204 };
}
