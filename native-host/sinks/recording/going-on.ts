// The recordings of hosts that died which are to go on in this one: those that the extension has promised to bring, and those
// that are being taken over right now. Never reads or writes a recording.

/** One that is being taken over. */
interface TakeOver {
  readonly recording_id: string;
  readonly done: Promise<void>;
}

/** Keeps them. */
export class GoingOn {
  readonly #promised = new Set<string>();
  readonly #stopped = new Set<string>();
  /** By stream. */
  readonly #underWay = new Map<string, TakeOver>();

  /** The extension will go on with these. */
  promise(recording_ids: readonly string[]): void {
    for (const recording_id of recording_ids) this.#promised.add(recording_id);
  }

  /** Those that it has promised, and not brought yet. */
  get promised(): readonly string[] {
    return [...this.#promised];
  }

  /** What was promised and not brought isn't waited for any more; it may still come. */
  giveUp(): void {
    this.#promised.clear();
  }

  /** Takes one over by `work`, which never rejects; not if it was stopped before. */
  take(stream_id: string, recording_id: string, work: () => Promise<void>): Promise<void> {
    this.#promised.delete(recording_id);
    if (this.isStopped(recording_id)) return Promise.resolve();
    const done = work().finally(() => {
      if (this.#underWay.get(stream_id)?.done === done) this.#underWay.delete(stream_id);
    });
    this.#underWay.set(stream_id, { recording_id, done });
    return done;
  }

  /** What is being taken over for a stream. */
  underWay(stream_id: string): TakeOver | null {
    return this.#underWay.get(stream_id) ?? null;
  }

  /** The stream for which one is being taken over. */
  streamOf(recording_id: string): string | null {
    for (const [stream_id, taken] of this.#underWay) if (taken.recording_id === recording_id) return stream_id;
    return null;
  }

  /** It must not go on: the user has stopped it. */
  stop(recording_id: string): void {
    this.#promised.delete(recording_id);
    this.#stopped.add(recording_id);
  }

  /** Whether it must not go on. */
  isStopped(recording_id: string): boolean {
    return this.#stopped.has(recording_id);
  }
}
