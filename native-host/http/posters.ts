// Pictures of streams for link previews: made of the newest keyframe when somebody asks, one at a time, and kept for a while.
import { Serial } from "../../protocol/async.ts";
import type { Keyframe } from "../packager/newest-keyframe.ts";

/** ms for which a picture is new enough. */
const FRESH = 5_000;
/** Pictures that may wait to be made; who asks beyond that gets the last one, or none. */
const MAX_WAITING = 8;

/** A picture of one stream. */
interface Poster {
  readonly keyframe: string;
  readonly made_at: number;
  readonly jpeg: Buffer;
}

/** The pictures of all streams. */
export class Posters {
  readonly #make: (media: readonly Uint8Array[]) => Promise<Buffer>;
  readonly #now: () => number;
  readonly #posters = new WeakMap<object, Poster>();
  readonly #making = new WeakMap<object, Promise<Buffer | null>>();
  readonly #serial = new Serial();
  #waiting = 0;

  /** `make` may reject. `now`: ms of any steady clock. */
  constructor(make: (media: readonly Uint8Array[]) => Promise<Buffer>, now = () => performance.now()) {
    this.#make = make;
    this.#now = now;
  }

  /** The picture of a stream; `null`: there is none, or too many wait for theirs. Never rejects. */
  async get(stream: object, keyframe: Keyframe): Promise<Buffer | null> {
    const last = this.#posters.get(stream);
    if (last && (last.keyframe === keyframe.id || this.#now() - last.made_at < FRESH)) return last.jpeg;
    const making = this.#making.get(stream);
    if (making) return making;
    if (this.#waiting >= MAX_WAITING) return last?.jpeg ?? null;
    this.#waiting++;
    const made = this.#serial
      .run(() => this.#make(keyframe.data))
      .then((jpeg) => {
        this.#posters.set(stream, { keyframe: keyframe.id, made_at: this.#now(), jpeg });
        return jpeg;
      })
      .catch(() => last?.jpeg ?? null)
      .finally(() => {
        this.#waiting--;
        this.#making.delete(stream);
      });
    this.#making.set(stream, made);
    return made;
  }
}
