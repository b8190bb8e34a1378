// Who can open the links of a publication, as the publication sees it; native-host/sharing opens the ways.
import type { FlyBrowserError } from "../../protocol/errors.ts";
import type { Share } from "../../protocol/options.ts";
import type { DestinationStatus } from "../../protocol/results.ts";
import type { Words } from "../../protocol/sentence.ts";

/** How wide each share is: each lets in whom the ones before it do. */
const WIDTH: Readonly<Record<Share, number>> = { "this-computer": 0, network: 1, internet: 2 };

/** Whether viewers who come from `from` may see what is shared with `share`. */
export function letsIn(share: Share, from: Share): boolean {
  return WIDTH[from] <= WIDTH[share];
}

/** A destination that has a page, or a playlist, where people watch. */
export interface WatchPage extends Pick<DestinationStatus, "destination_id" | "name" | "state" | "error"> {
  readonly watch_url: string;
}

/** The sharing of one publication. */
export interface Sharing {
  /** Who can open the links now. */
  readonly share: Share;
  /** Beginning of every link, without a slash at the end. */
  readonly base: string;
  /** Where a destination shows it, if that is how it is shared; `null`: people watch by its own links. */
  readonly page: string | null;
  /** What is said beside the link. */
  readonly note: Words;
  /** Why it isn't shared with whom it should be; `null`: it is. */
  readonly trouble: Words | null;
  /** The first wish is fulfilled, or has failed. */
  readonly settled: boolean;
  /** Why the first wish could not be fulfilled; `null`: it could. */
  readonly failure: FlyBrowserError | null;
  /** Whether viewers who come that way are let in. */
  admits(from: Share): boolean;
  /**
   * Shares it with others; it stays as it was where that can't be had.
   * @throws FlyBrowserError `share_unavailable`, `setting_invalid`
   */
  set(share: Share): Promise<void>;
  /** Calls `listener` when any of this has changed. */
  onChange(listener: () => void): void;
  /** The publication is over: those who watch get its end, then it is shared with nobody. Idempotent. */
  end(): void;
}
