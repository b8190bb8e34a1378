// Keyframes that viewers want of the one encoder: many who ask at the same time get one.

/** ms between two: Chrome's encoder makes none sooner (libwebrtc: kMinKeyFrameRequestInterval of its RTP senders). */
const JOINING = 300;
/** ms between two where nobody waits for a first picture: each one is paid for by all others with the quality of theirs. */
const REPAIR = 1_000;

/** Why one is wanted: `join`: somebody has no picture yet; `repair`: somebody's has broken. */
export type KeyframeWish = "join" | "repair";

/** The requests of one source. */
export class KeyframeRequests {
  readonly #send: () => void;
  readonly #now: () => number;
  #sentAt = Number.NEGATIVE_INFINITY;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #due = Number.POSITIVE_INFINITY;

  constructor(send: () => void, now: () => number = () => performance.now()) {
    this.#send = send;
    this.#now = now;
  }

  /** Asks for one: now, or when enough time has passed since the last request. */
  ask(wish: KeyframeWish): void {
    const now = this.#now();
    const due = this.#sentAt + (wish === "join" ? JOINING : REPAIR);
    if (due <= now) this.#ask();
    else if (due < this.#due) {
      clearTimeout(this.#timer);
      this.#due = due;
      this.#timer = setTimeout(() => this.#ask(), due - now);
    }
  }

  /** One has come: whoever asked before has it. */
  came(): void {
    clearTimeout(this.#timer);
    this.#due = Number.POSITIVE_INFINITY;
  }

  /** Asks no more. */
  close(): void {
    this.came();
  }

  #ask(): void {
    this.came();
    this.#sentAt = this.#now();
    this.#send();
  }
}
