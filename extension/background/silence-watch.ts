// Notices when a host that is sent media says nothing: it acknowledges them within half a second, unless it is busy, or was stopped.
import { Backoff } from "../../protocol/async.ts";

/** ms between two looks. */
const LOOK_EVERY = 250;
/** Looks in a row without a word, before the host is examined: that costs a process. Twice as many after each in vain. */
const LOOKS = { first: 4, longest: 32 } as const;

/** Watches one connection after another. */
export class SilenceWatch {
  readonly #examine: () => void;
  /** Media were sent since the last look, or something was heard. */
  #sent = false;
  #heard = false;
  #silentLooks = 0;
  readonly #patience = new Backoff(LOOKS);
  #examineAfter = 0;
  #looks: ReturnType<typeof setInterval> | undefined;

  /** `examine`: called when it has been silent for too long. */
  constructor(examine: () => void) {
    this.#examine = examine;
  }

  /** A host is connected. */
  begin(): void {
    this.end();
    this.#patience.reset();
    this.moreSeldom();
    this.#silentLooks = 0;
    this.#looks = setInterval(() => this.#look(), LOOK_EVERY);
  }

  /** Media were sent to it. */
  sent(): void {
    this.#sent = true;
  }

  /** It has said something. */
  heard(): void {
    this.#heard = true;
  }

  /** It was examined in vain: the next time it may be silent for longer. */
  moreSeldom(): void {
    this.#examineAfter = this.#patience.next();
  }

  /** Looks no more. Idempotent. */
  end(): void {
    clearInterval(this.#looks);
  }

  #look(): void {
    if (this.#heard) this.#silentLooks = 0;
    else if (this.#sent) this.#silentLooks++;
    this.#heard = false;
    this.#sent = false;
    if (this.#silentLooks < this.#examineAfter) return;
    this.#silentLooks = 0;
    this.#examine();
  }
}
