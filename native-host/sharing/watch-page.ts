// A destination's own page as the way by which anybody can watch: found among those of a stream, tried, and held for as long as the
// destination has the stream.
import { Deadline, sleep } from "../../protocol/async.ts";
import { Emitter } from "../../protocol/emitter.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { type Sentence, sentence, type Words } from "../../protocol/sentence.ts";
import type { WatchPage } from "../stream/sharing.ts";
import { tryPage } from "./page-trial.ts";
import type { HeldDoor } from "./shared-door.ts";

/** ms in which a destination must have the stream and its page must be there: a start waits 20 s for all, a store needs a segment first. */
const WITHIN = 15_000;
/** ms between two tries. */
const TRY_EVERY = 500;
/** ms for which a destination that is tried again may be away, until its page is no way to watch. */
const AWAY = 10_000;

/** What is needed to open one. */
export interface WatchPagesOptions {
  /** Those of the stream as of now. */
  readonly pages: () => readonly WatchPage[];
  /** Calls a listener when any has changed; gives the function that ends this. */
  readonly onChange: (listener: () => void) => () => void;
  /** What the stream's own links begin with. */
  readonly base: string;
  readonly tryPage?: (url: string) => Promise<Sentence | null>;
}

/** Opens the first that shows the stream. @throws FlyBrowserError `share_unavailable` */
export async function openWatchPage(options: WatchPagesOptions): Promise<HeldDoor> {
  const deadline = new Deadline(WITHIN);
  for (;;) {
    const wrong: Words[] = [];
    for (const page of options.pages()) {
      const reason =
        page.state === "live"
          ? await (options.tryPage ?? tryPage)(page.watch_url)
          : (page.error ?? sentence("share.page_waits"));
      // It may have gone while it was tried.
      if (reason === null && find(options, page)?.state === "live") return hold(options, page);
      const { name, watch_url } = page;
      if (reason !== null) wrong.push(sentence("share.page_tried", { name, watch_url, reason }));
    }
    const hopeless = options.pages().every(({ state }) => state === "failed" || state === "ended");
    if (hopeless || deadline.left < TRY_EVERY) {
      throw new FlyBrowserError("share_unavailable", {
        whom: sentence("share.internet"),
        reason: wrong.length > 0 ? sentence("share.tunnels", { reasons: wrong }) : sentence("share.page_waits"),
        advice: sentence("share.check_page"),
      });
    }
    await sleep(TRY_EVERY);
  }
}

const find = ({ pages }: WatchPagesOptions, { destination_id }: WatchPage) =>
  pages().find((each) => each.destination_id === destination_id);

function hold(options: WatchPagesOptions, page: WatchPage): HeldDoor {
  const { name, watch_url } = page;
  const lost = new Emitter<Words>();
  let away: NodeJS.Timeout | undefined;
  const release = (): void => {
    clearTimeout(away);
    leave();
  };
  const lose = (): void => {
    release();
    lost.emit(
      sentence("share.page_lost", { name, reason: find(options, page)?.error ?? sentence("share.page_ended") }),
    );
  };
  const look = (): void => {
    const state = find(options, page)?.state;
    if (state === "live") {
      clearTimeout(away);
      away = undefined;
    } else if (state === "retrying") away ??= setTimeout(lose, AWAY).unref();
    else lose();
  };
  const leave = options.onChange(look);
  return {
    ...{ base: options.base, page: watch_url, release },
    note: sentence("share.note_page", { name }),
    onLost: (listener) => void lost.on(listener),
  };
}
