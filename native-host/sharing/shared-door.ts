// Something that is open while anybody needs it: opened for the first, closed after the last.
import { Serial } from "../../protocol/async.ts";
import type { Words } from "../../protocol/sentence.ts";

/** A way by which viewers come that is open. */
export interface Door {
  /** Beginning of all links by it, without a slash at the end. */
  readonly base: string;
  /** What is said beside the link. */
  readonly note: Words;
  /** Calls `listener` with why, when it doesn't lead anywhere any more. */
  onLost(listener: (reason: Words) => void): void;
  close(): Promise<void>;
}

/** A door as one user of it has it. */
export interface HeldDoor extends Pick<Door, "base" | "note" | "onLost"> {
  /** Where anybody watches who doesn't come to this host; left out: all come to it. */
  readonly page?: string;
  /** Needs it no more. Idempotent. */
  release(): void;
}

/** A door that several share. */
export class SharedDoor {
  readonly #open: () => Promise<Door>;
  readonly #serial = new Serial();
  #door: Door | null = null;
  #users = 0;

  /** `open` may reject; whoever waits gets that. */
  constructor(open: () => Promise<Door>) {
    this.#open = open;
  }

  /** Opens it where it is closed. Rejects as `open` does. */
  hold(): Promise<HeldDoor> {
    return this.#serial.run(async () => {
      const door = this.#door ?? (await this.#open());
      if (this.#door === null) {
        this.#door = door;
        // The next one who comes gets another.
        door.onLost(() => {
          if (this.#door !== door) return;
          this.#door = null;
          this.#users = 0;
          void door.close();
        });
      }
      this.#users++;
      let held = true;
      const release = (): void => {
        if (!held) return;
        held = false;
        if (this.#door !== door || --this.#users > 0) return;
        void this.#serial.run(() => this.#closeIfUnused());
      };
      const { base, note } = door;
      return { base, note, onLost: (listener) => door.onLost(listener), release };
    });
  }

  /** Closes it, whoever needs it. */
  close(): Promise<void> {
    this.#users = 0;
    return this.#serial.run(() => this.#closeIfUnused());
  }

  async #closeIfUnused(): Promise<void> {
    if (this.#users > 0 || this.#door === null) return;
    const door = this.#door;
    this.#door = null;
    await door.close();
  }
}
