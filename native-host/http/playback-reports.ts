// What viewers' players report of their playback: CMCD version 2 in event mode (CTA-5004-B), a line an event.
import { decodeCmcd } from "@svta/cml-cmcd";
import * as v from "valibot";
import type { PlaybackQuality } from "../../protocol/results.ts";

/** Players remembered at once; above that the one that was silent longest is forgotten. */
const MAX_PLAYERS = 2_000;
/** ms without a report after which a player no longer counts: they report every ten seconds. */
const SILENT = 25_000;
/** Events taken of one report. */
const MAX_EVENTS = 16;

const Ms = v.pipe(v.number(), v.minValue(0), v.maxValue(1e9));
/** An inner list; of several kinds of media the first. */
const First = v.pipe(
  v.array(v.unknown()),
  v.transform(([first]) => first),
  Ms,
);
const Event = v.object({
  sid: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  /** p: playing, r: rebuffering, q: quit, e: ended, … */
  sta: v.optional(v.pipe(v.string(), v.maxLength(1))),
  /** ms from capture to display. */
  ltc: v.optional(Ms),
  /** How often it ran out of media, and for how many ms in all. */
  bsa: v.optional(First),
  bsda: v.optional(First),
  /** Dropped frames. */
  dfa: v.optional(Ms),
});

/** A player, and what it has told so far. */
interface Player {
  readonly at: number;
  readonly state: string;
  readonly latency: number | null;
  readonly stalls: number;
  readonly stalled: number;
  readonly dropped: number;
}

/** The reports on one stream. */
export class PlaybackReports {
  /** By session, those that were silent longest first. */
  readonly #players = new Map<string, Player>();
  // Of all players, those that have left too.
  #stalls = 0;
  #stalled = 0;
  #dropped = 0;
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes in a report, at most {@link MAX_EVENTS} events of it; `false`: none of them is CMCD. */
  take(body: string): boolean {
    const lines = body.split("\n").filter((line) => line.trim() !== "");
    const events = lines.slice(0, MAX_EVENTS).flatMap(eventOf);
    for (const event of events) this.#add(event);
    return events.length > 0;
  }

  /** How it goes at those who report; `null`: nobody does. */
  summary(): PlaybackQuality | null {
    const now = this.#now();
    for (const [sid, { at }] of this.#players) if (now - at > SILENT) this.#players.delete(sid);
    const players = [...this.#players.values()].filter(({ state }) => state !== "e" && state !== "q");
    if (players.length === 0 && this.#stalls === 0) return null;
    const latencies = players.flatMap(({ latency }) => (latency === null ? [] : [latency])).sort((a, b) => a - b);
    const at = (share: number) => latencies[Math.ceil(latencies.length * share) - 1] ?? null;
    return {
      players: players.length,
      rebuffering: players.filter(({ state }) => state === "r").length,
      latency_ms: at(0.5),
      latency_p95_ms: at(0.95),
      rebuffers: this.#stalls,
      rebuffering_ms: Math.round(this.#stalled),
      dropped_frames: this.#dropped,
    };
  }

  #add({ sid, sta = "", ltc, bsa, bsda, dfa }: v.InferOutput<typeof Event>): void {
    const before = this.#players.get(sid);
    const player: Player = {
      at: this.#now(),
      state: sta,
      latency: sta === "p" ? (ltc ?? null) : null,
      stalls: bsa ?? before?.stalls ?? 0,
      stalled: bsda ?? before?.stalled ?? 0,
      dropped: dfa ?? before?.dropped ?? 0,
    };
    this.#stalls += Math.max(0, player.stalls - (before?.stalls ?? 0));
    this.#stalled += Math.max(0, player.stalled - (before?.stalled ?? 0));
    this.#dropped += Math.max(0, player.dropped - (before?.dropped ?? 0));
    this.#players.delete(sid);
    this.#players.set(sid, player);
    const [quietest] = this.#players.keys();
    if (this.#players.size > MAX_PLAYERS && quietest !== undefined) this.#players.delete(quietest);
  }
}

/** The event of a line; none where it is no CMCD, or has keys of a player's own that the library doesn't read. */
function eventOf(line: string): v.InferOutput<typeof Event>[] {
  try {
    const parsed = v.safeParse(Event, decodeCmcd(line));
    return parsed.success ? [parsed.output] : [];
  } catch {
    return []; // it throws at what is no structured field
  }
}
