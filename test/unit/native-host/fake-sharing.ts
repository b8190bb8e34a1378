// The sharing of a publication as a test wants it: with this computer, unless the test says otherwise.
import type { Sharing } from "../../../native-host/stream/sharing.ts";
import { Emitter } from "../../../protocol/emitter.ts";
import type { FlyBrowserError } from "../../../protocol/errors.ts";
import type { Share } from "../../../protocol/options.ts";
import type { Words } from "../../../protocol/sentence.ts";

/** The sharing. */
export class FakeSharing implements Sharing {
  share: Share = "this-computer";
  base = "http://127.0.0.1:1";
  page: string | null = null;
  note: Words = "here";
  trouble: Words | null = null;
  settled = true;
  failure: FlyBrowserError | null = null;
  ended = false;
  readonly #changes = new Emitter();

  admits(): boolean {
    return true;
  }

  async set(share: Share): Promise<void> {
    this.share = share;
    this.#changes.emit();
  }

  onChange(listener: () => void): void {
    this.#changes.on(listener);
  }

  end(): void {
    this.ended = true;
  }

  /** Changes something, and tells. */
  become(change: Partial<Pick<FakeSharing, "settled" | "failure" | "trouble" | "share">>): void {
    Object.assign(this, change);
    this.#changes.emit();
  }
}
