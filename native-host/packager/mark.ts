// A stretch of the stream's clock with a name (a task of an agent), for playlists and manifests.

/** A named stretch of time. Once it has ended it never changes. */
export interface Mark {
  /** Unique in the stream. */
  readonly id: string;
  readonly name: string;
  /** The mark that this one is a part of. */
  readonly parent_id: string | null;
  /** ms on the stream's clock; before 0: it began before the stream. */
  readonly start: number;
  /** ms on the stream's clock; `null`: it goes on. */
  readonly end: number | null;
  /** How it ended; told only then. */
  readonly state: string;
  /** A few words more; told only at its end, since a playlist must not change what it has said (RFC 8216bis 4.4.5.1). */
  readonly detail: string | null;
}

/** Those that touch the time from `from` to `to` (ms on the stream's clock). */
export function marksWithin(marks: readonly Mark[], from: number, to: number): Mark[] {
  return marks.filter(({ start, end }) => start < to && (end ?? to) >= from);
}
