// Looks at a stream four times a second from outside, as viewers and programs do, and notes what must not be.
import { setTimeout as sleep } from "node:timers/promises";
import { mpdProblems, type PlaylistState, readPlaylist } from "./playlists.ts";
import type { Stage } from "./stage.ts";

/** ms between two looks. */
const PAUSE = 250;
/** ms for which the picture may stand while the status says that all is well… */
const STANDING = 2_000;
/** …and what looking takes on a busy machine. */
const SLACK = 1_500;
/** ms that a look may take. */
const LOOK_TIMEOUT = 2_000;

/** What the player says of itself: badge, protocol, position and what is buffered. */
const PLAYER_STATE = `(() => {
  const video = document.querySelector("video");
  const ranges = Array.from({ length: video.buffered.length }, (_, i) => video.buffered.start(i).toFixed(2) + " to " + video.buffered.end(i).toFixed(2));
  const badge = document.querySelector(".badge")?.textContent.trim();
  const { protocol } = document.querySelector(".player").dataset;
  return badge + ", " + protocol + ", at " + video.currentTime.toFixed(2) + " s of [" + ranges.join(", ") + "]" + (video.paused ? ", paused" : "");
})()`;

/** How many pictures there were, and the longest time between two of them since the last look, ms. */
const PICTURES = `(() => {
  const { dataset } = document.querySelector("video");
  const { pictures, longest } = dataset;
  dataset.longest = 0;
  return { pictures: Number(pictures ?? 0), longest: Number(longest ?? 0) };
})()`;

/** The tracks whose playlists are read. */
const TRACKS = ["video", "audio"] as const;

/** What was seen. */
export interface Seen {
  /** Times at which each playlist, the MPD and the status were read. */
  looks: number;
  /** ms of the longest time without anything new in the playlist of the video, and without a new picture at the viewer. */
  longest_still: number;
  longest_frozen: number;
  readonly problems: string[];
}

/** Watches until it is stopped. */
export class Watcher {
  readonly seen: Seen = { looks: 0, longest_still: 0, longest_frozen: 0, problems: [] };
  readonly #stage: Stage;
  readonly #say: (line: string) => void;
  readonly #states: Record<(typeof TRACKS)[number], PlaylistState | null> = { video: null, audio: null };
  /** When the video last moved on in the playlist, and when its last answered look began; ms by performance.now(). */
  #movedAt = performance.now();
  #lookedAt = performance.now();
  #stopped = false;
  readonly #loops: Promise<unknown>;
  /** The viewer was sent away. */
  viewerAway = false;

  /** `say` is told of each time the viewer's picture stood for long, with the player's own view of it. */
  constructor(stage: Stage, say: (line: string) => void) {
    this.#stage = stage;
    this.#say = say;
    this.#loops = Promise.all([this.#playlists(), this.#status(), this.#viewer()]);
  }

  /** When the video last moved on. */
  get moved_at(): number {
    return this.#movedAt;
  }

  /** Ends it; resolves once nothing looks any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#loops;
  }

  #problem(what: string): void {
    if (this.seen.problems.length < 100) this.seen.problems.push(`${new Date().toISOString()} ${what}`);
  }

  async #text(name: string): Promise<string | null> {
    try {
      const answer = await fetch(new URL(name, this.#stage.started.hls_url ?? ""), {
        signal: AbortSignal.timeout(LOOK_TIMEOUT),
      });
      if (answer.ok) return await answer.text();
      if (answer.status !== 503 && answer.status !== 404) this.#problem(`${name} is answered with ${answer.status}`);
    } catch {
      // The host is away or busy; that it comes back is judged elsewhere.
    }
    return null;
  }

  async #playlists(): Promise<void> {
    while (!this.#stopped) {
      for (const track of TRACKS) {
        const began = performance.now();
        const text = await this.#text(`${track}.m3u8`);
        if (text === null) continue;
        if (track === "video") this.#lookedAt = began;
        const before = this.#states[track];
        const problems: string[] = [];
        const now = readPlaylist(text, before, problems);
        for (const problem of problems) this.#problem(`${track}.m3u8: ${problem}`);
        this.#states[track] = now;
        if (track === "video" && (now.next !== before?.next || now.parts !== before.parts)) this.#moved();
      }
      const mpd = await this.#text("manifest.mpd");
      if (mpd !== null) for (const problem of mpdProblems(mpd)) this.#problem(`manifest.mpd: ${problem}`);
      this.seen.looks++;
      await sleep(PAUSE);
    }
  }

  #moved(): void {
    const now = performance.now();
    this.seen.longest_still = Math.max(this.seen.longest_still, now - this.#movedAt);
    this.#movedAt = now;
  }

  async #status(): Promise<void> {
    while (!this.#stopped) {
      const asked = performance.now();
      const status = await this.#stage.status().catch((thrown: Error) => thrown);
      const still = asked - this.#movedAt;
      if (status instanceof Error) this.#problem(`status: ${status.message}`);
      else if (!status.active) this.#problem(`status: ${status.error}`);
      else if (status.status.health === "healthy" && still > STANDING + SLACK && (await this.#stands(asked))) {
        this.#problem(`status: healthy, while the picture stands for ${Math.round(still)} ms`);
      }
      await sleep(PAUSE);
    }
  }

  /** Whether a look that began after `since` finds that nothing has moved: a look that was under way may be from before a thaw. */
  async #stands(since: number): Promise<boolean> {
    while (this.#lookedAt < since && !this.#stopped) await sleep(50);
    return this.#movedAt < since;
  }

  async #viewer(): Promise<void> {
    let [count, at, state] = [-1, performance.now(), ""];
    while (!this.#stopped) {
      const asked = this.#stage.viewer.page.evaluate(PICTURES) as Promise<{ pictures: number; longest: number }>;
      const now = await asked.catch(() => null);
      const stood = performance.now() - at;
      if (this.viewerAway || (now && now.pictures !== count)) {
        // By the page's own clock: a look that was late is no picture that stood.
        const longest = this.viewerAway ? 0 : (now?.longest ?? 0);
        this.seen.longest_frozen = Math.max(this.seen.longest_frozen, longest);
        if (longest > STANDING) this.#say(`  the viewer's picture stood for ${Math.round(longest)} ms: ${state}`);
        [count, at, state] = [now?.pictures ?? -1, performance.now(), ""];
      } else if (stood > STANDING && state === "") {
        state = String(await this.#stage.viewer.page.evaluate(PLAYER_STATE).catch(() => ""));
      }
      await sleep(PAUSE);
    }
  }
}
