// What viewers see of one stream: nothing, a publication, later perhaps another; and the figures, which begin anew with each.
// Never decides that a stream is to be seen, and never touches its capture.
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { StreamInfo } from "../../protocol/results.ts";
import { partLogger } from "../logging.ts";
import { Figures, type Reading } from "./figures.ts";
import { Publication, type PublicationParts, type PublishedStream } from "./publication.ts";
import { streamInfo } from "./report.ts";
import type { StreamEvents, StreamOptions } from "./stream-options.ts";

const log = partLogger("stream");

/** What {@link Publishing} needs of its stream. */
export interface PublishingOptions
  extends Omit<PublishedStream, "figures" | "onPart" | "onFailed">,
    Pick<StreamOptions, "identity" | "viewerCount" | "recording"> {
  readonly events: Pick<StreamEvents, "status" | "part">;
  /** What the stream measures of itself now. */
  readonly reading: () => Omit<Reading, "state" | "output">;
  /** The output was refused. `joined`: the stream was there before it was published, and can do without. */
  readonly onFailed: (error: FlyBrowserError, joined: boolean) => void;
  /** Viewers see it no more. */
  readonly onEnded: () => void;
}

/** The publications of one stream, one at a time. */
export class Publishing {
  readonly #options: PublishingOptions;
  #figures: Figures;
  #current: Publication | null = null;

  constructor(options: PublishingOptions) {
    this.#options = options;
    this.#figures = this.#newFigures();
  }

  /** What viewers see now; `null`: nothing. */
  get current(): Publication | null {
    return this.#current;
  }

  /** Those of what viewers see now, or of the time without any. */
  get figures(): Figures {
    return this.#figures;
  }

  /** There was a picture already, and whoever is to see it could. */
  get flows(): boolean {
    return this.#current ? this.#current.packager.playable : this.#options.feed.begun;
  }

  /**
   * Lets viewers in: from the last keyframe on, and not to what was before.
   * @throws FlyBrowserError `stream_already_active`
   */
  begin(parts: PublicationParts): Publication {
    if (this.#current) throw new FlyBrowserError("stream_already_active");
    // One that is recorded already: what fails of its publication must not end it.
    const joined = this.#options.feed.begun;
    if (joined) this.#measureAnew();
    const { feed, tasks, facts, onChange, onProgress, events, onFailed } = this.#options;
    this.#current = new Publication(parts, {
      ...{ feed, tasks, facts, onChange, onProgress, figures: this.#figures },
      onPart: (part) => events.part?.(part),
      onFailed: (error) => onFailed(error, joined),
    });
    return this.#current;
  }

  /** Ends what viewers see; the capture goes on. Gives the last status; `null`: there was nothing to see. */
  async end(reason: string): Promise<StreamInfo | null> {
    const publication = this.#current;
    if (!publication) return null;
    log.info("{stream_id} is seen no more: {reason}", { stream_id: publication.stream_id, reason });
    publication.end("stopped", true);
    const info = this.#infoOf(publication);
    this.#current = null;
    this.#measureAnew();
    this.#options.events.status(info);
    this.#options.onEnded();
    await publication.close();
    return info;
  }

  /** The whole status of what viewers see; `null`: nothing. */
  info(): StreamInfo | null {
    return this.#current && this.#infoOf(this.#current);
  }

  #infoOf(publication: Publication): StreamInfo {
    const { reading, recording } = this.#options;
    const now = Date.now();
    const facts = publication.facts();
    const output = publication.output?.report ?? null;
    const figures = publication.figures.read(now, { ...reading(), state: facts.state, output });
    return streamInfo(facts, figures, publication.tasks.list(), recording?.() ?? null, publication.ended_at ?? now);
  }

  #measureAnew(): void {
    this.#figures.close();
    this.#figures = this.#newFigures();
  }

  #newFigures(): Figures {
    const { feed, viewerCount, identity } = this.#options;
    return new Figures(feed, viewerCount, Date.now(), identity.generation);
  }
}
