// The tabs that programs have made private, each time under an id of its own: while any of them stands, nothing of the tab is seen,
// whoever streams or records it, and whatever has to begin anew meanwhile.
import * as v from "valibot";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { sentence } from "../../protocol/sentence.ts";

/** Schema of {@link PrivateTime}. */
export const PrivateTimeSchema = v.object({
  private_id: v.string(),
  tab_id: v.number(),
  /** What was captured of the tab, or had begun with it and shows another one now; `null`: nothing. */
  stream_id: v.nullable(v.string()),
});
/** One wish that a tab be private. */
export type PrivateTime = v.InferOutput<typeof PrivateTimeSchema>;

/** What {@link PrivateTabs} works with. */
export interface PrivateTabsDependencies {
  /** Outlives a service worker. */
  readonly store: { load(): Promise<readonly PrivateTime[]>; save(times: PrivateTime[]): Promise<void> };
  /** Id of what is captured of a tab; `null`: nothing. */
  readonly streamOf: (tab_id: number) => string | null;
  /** Tells the capturing document; resolves when that holds there. */
  readonly setPrivate: (stream_id: string, hidden: boolean) => Promise<void>;
  /** Tells the host, for the status. */
  readonly tell: (stream_id: string, hidden: boolean) => void;
}

/** How many may stand at once: of a program that never ends one. */
const MAX_TIMES = 200;

/** Keeps them. */
export class PrivateTabs {
  readonly #deps: PrivateTabsDependencies;
  readonly #times = new Map<string, PrivateTime>();
  #loaded: Promise<void> | null = null;

  constructor(dependencies: PrivateTabsDependencies) {
    this.#deps = dependencies;
  }

  /** Whether a tab, or what is captured under an id, is private. */
  async has(tab_id: number, stream_id: string | null): Promise<boolean> {
    await this.#load();
    return this.#has(tab_id, stream_id);
  }

  /** Makes a tab private; resolves when nothing of it is seen any more. `stream_id`: the caller's stream, if it has one. Twice is once. */
  async begin(private_id: string, tab_id: number, stream_id: string | null): Promise<void> {
    await this.#load();
    if (this.#times.size >= MAX_TIMES && !this.#times.has(private_id)) {
      throw new FlyBrowserError("private_unconfirmed", { reason: sentence("private.too_many", { limit: MAX_TIMES }) });
    }
    const time = { private_id, tab_id, stream_id: stream_id ?? this.#deps.streamOf(tab_id) };
    this.#times.set(private_id, time);
    this.#save();
    await Promise.all(this.#streamsOf(time).map((each) => this.#deps.setPrivate(each, true)));
    for (const each of this.#streamsOf(time)) this.#deps.tell(each, true);
  }

  /** Takes one wish back; where no other stands, resolves when the tab is seen again. Twice is once. */
  async end(private_id: string): Promise<void> {
    await this.#load();
    const time = this.#times.get(private_id);
    if (time) await this.#end([time]);
  }

  /** A tab was closed. */
  async tabRemoved(tab_id: number): Promise<void> {
    await this.#load();
    await this.#end([...this.#times.values()].filter((time) => time.tab_id === tab_id));
  }

  /** A tab has another id. */
  async tabReplaced(tab_id: number, replaced_id: number): Promise<void> {
    await this.#load();
    for (const time of this.#times.values())
      if (time.tab_id === replaced_id) this.#times.set(time.private_id, { ...time, tab_id });
    this.#save();
  }

  async #end(times: readonly PrivateTime[]): Promise<void> {
    for (const { private_id } of times) this.#times.delete(private_id);
    if (times.length > 0) this.#save();
    const streams = new Set(times.flatMap((time) => this.#streamsOf(time)));
    const shown = [...streams].filter((stream_id) => !times.some(({ tab_id }) => this.#has(tab_id, stream_id)));
    await Promise.all(shown.map((stream_id) => this.#deps.setPrivate(stream_id, false)));
    for (const stream_id of shown)
      this.#deps.tell(
        stream_id,
        [...this.#times.values()].some((each) => this.#streamsOf(each).includes(stream_id)),
      );
  }

  #has(tab_id: number, stream_id: string | null): boolean {
    const isMeant = (time: PrivateTime) =>
      time.tab_id === tab_id || (stream_id !== null && time.stream_id === stream_id);
    return [...this.#times.values()].some(isMeant);
  }

  #streamsOf({ tab_id, stream_id }: PrivateTime): string[] {
    const ids = [this.#deps.streamOf(tab_id), stream_id].filter((id) => id !== null);
    return [...new Set(ids)];
  }

  #load(): Promise<void> {
    this.#loaded ??= this.#deps.store
      .load()
      .then((times) => {
        for (const time of times) if (!this.#times.has(time.private_id)) this.#times.set(time.private_id, time);
      })
      .catch(() => {}); // a worker of a browser that has just begun
    return this.#loaded;
  }

  #save(): void {
    void this.#deps.store.save([...this.#times.values()]).catch(() => {}); // for a successor alone
  }
}
