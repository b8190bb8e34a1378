// What viewers who have taken over do with the page, by data channels: a channel that shows a ticket of the host's is its way for input, and
// everything else it could say ends it.
import type { DataChannel } from "node-datachannel";
import { INPUT_ACCEPTED, MAX_INPUT_BYTES } from "../../../protocol/control-messages.ts";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { sentence } from "../../../protocol/sentence.ts";

/** ms within which a ticket is to be shown. */
const SHOWN_WITHIN = 5_000;
/** Tickets at a time: one for each player that may be connected, of more streams than a machine captures. */
const MOST_TICKETS = 256;

interface Ticket {
  readonly stream_id: string;
  /** `null`: not shown yet. */
  channel: DataChannel | null;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** The tickets of all streams. */
export class RelayInputs {
  readonly #tell: (ticket: string, text: string) => void;
  readonly #tickets = new Map<string, Ticket>();

  /** `tell`: hands a message to the host. */
  constructor(tell: (ticket: string, text: string) => void) {
    this.#tell = tell;
  }

  /** One channel may show this ticket. @throws FlyBrowserError `internal`: there are too many */
  open(stream_id: string, ticket: string): void {
    if (this.#tickets.size >= MOST_TICKETS) {
      throw new FlyBrowserError("internal", { reason: sentence("calls.too_many", { limit: MOST_TICKETS }) });
    }
    const timer = setTimeout(() => {
      if (!this.#tickets.get(ticket)?.channel) this.#tickets.delete(ticket);
    }, SHOWN_WITHIN);
    this.#tickets.set(ticket, { stream_id, channel: null, timer });
  }

  /** It holds no more, and its channel ends. Idempotent. */
  close(ticket: string): void {
    const known = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    clearTimeout(known?.timer);
    known?.channel?.close();
  }

  /** Takes the channel of a viewer of a stream. */
  serve(stream_id: string, channel: DataChannel): void {
    let shown: string | null = null;
    channel.onClosed(() => {
      if (shown !== null) this.close(shown);
    });
    channel.onMessage((text) => {
      if (typeof text !== "string" || text.length > MAX_INPUT_BYTES) channel.close();
      else if (shown !== null) {
        if (this.#tickets.has(shown)) this.#tell(shown, text);
      } else if (this.#accepts(stream_id, channel, text)) {
        shown = text;
        channel.sendMessage(INPUT_ACCEPTED);
      } else channel.close();
    });
  }

  #accepts(stream_id: string, channel: DataChannel, ticket: string): boolean {
    const known = this.#tickets.get(ticket);
    if (!known || known.stream_id !== stream_id || known.channel) return false;
    known.channel = channel;
    clearTimeout(known.timer);
    return true;
  }
}
