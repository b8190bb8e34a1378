// How what a person does goes to the host: by the socket, and by a data channel of the video's own connection once the host takes it there.
// Each is numbered and kept until the host has it; where the way changes, all that it may not have is sent again by the other one.
import { INPUT_ACCEPTED, type Input, type InputMessage } from "../protocol/control-messages.ts";

/** Inputs that may be under way: on a line that slow nobody can steer, and what came late would be done late. */
const MOST_UNDER_WAY = 256;
/** Bytes that may wait to be sent by the channel. */
const MAX_UNSENT = 64 * 1024;
/** ms after which the channel is given up, where the host doesn't say that it has what was sent. */
const SILENT = 1_500;
/** ms between two looks at that. */
const LOOK_EVERY = 100;
/** ms until the host is asked again for a ticket. */
const ASK_AGAIN = 5_000;

/** What an {@link InputLine} works with. */
export interface InputLineOptions {
  /** Sends by the socket. */
  readonly send: (message: InputMessage | { readonly type: "channel" }) => void;
  /** Whether the socket takes something now. */
  readonly ready: () => boolean;
  /** The data channel that there is at the moment. */
  readonly channel: () => RTCDataChannel | null;
  readonly now?: () => number;
}

interface UnderWay {
  readonly message: InputMessage;
  readonly sent_at: number;
}

/** The way of one person's input, while a socket is open. */
export class InputLine {
  readonly #options: InputLineOptions;
  readonly #now: () => number;
  #n = 0;
  /** What the host hasn't said that it has, oldest first. */
  #underWay: UnderWay[] = [];
  /** The one for which a ticket was asked, and once it is accepted, by which is sent. */
  #asked: RTCDataChannel | null = null;
  #askedAt = Number.NEGATIVE_INFINITY;
  #channel: RTCDataChannel | null = null;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(options: InputLineOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Sends one; where nothing is taken any more, it is as if it had not been done. */
  send(input: Input): void {
    this.#look();
    const full = this.#underWay.length >= MOST_UNDER_WAY || (this.#channel?.bufferedAmount ?? 0) > MAX_UNSENT;
    if (full || !this.#options.ready()) return;
    const message: InputMessage = { type: "input", n: ++this.#n, input };
    this.#underWay.push({ message, sent_at: this.#now() });
    this.#transmit(message);
    this.#askForTicket();
  }

  /** The host has all up to this number. */
  taken(n: number): void {
    this.#underWay = this.#underWay.filter(({ message }) => message.n > n);
  }

  /** The host's answer to the question for a ticket; `null`: there is none, or none any more. */
  ticket(ticket: string | null): void {
    const channel = this.#asked;
    if (ticket === null) this.#leaveChannel();
    else if (channel?.readyState === "open") {
      channel.addEventListener("message", ({ data }: MessageEvent) => {
        if (data === INPUT_ACCEPTED && channel === this.#asked) this.#take(channel);
      });
      channel.addEventListener("close", () => {
        if (channel === this.#channel) this.#leaveChannel();
      });
      channel.send(ticket);
    }
  }

  /** Another socket is open, or none: what was under way is lost, and numbers begin anew. */
  reset(): void {
    clearInterval(this.#timer);
    this.#n = 0;
    this.#underWay = [];
    this.#asked = null;
    this.#askedAt = Number.NEGATIVE_INFINITY;
    this.#channel?.close();
    this.#channel = null;
  }

  #askForTicket(): void {
    if (this.#channel || this.#now() - this.#askedAt < ASK_AGAIN) return;
    const channel = this.#options.channel();
    if (channel?.readyState !== "open") return;
    this.#asked = channel;
    this.#askedAt = this.#now();
    this.#options.send({ type: "channel" });
  }

  #take(channel: RTCDataChannel): void {
    if (this.#channel) return;
    this.#channel = channel;
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY);
    this.#again();
  }

  /** Gives a channel up that is closed (of which a connection that this page closes says nothing), or by which nothing comes any more. */
  #look(): void {
    if (!this.#channel) return;
    const [oldest] = this.#underWay;
    const silent = oldest !== undefined && this.#now() - oldest.sent_at > SILENT;
    if (silent || this.#channel.readyState !== "open") this.#leaveChannel();
  }

  #leaveChannel(): void {
    const channel = this.#channel;
    this.#channel = null;
    this.#asked = null;
    clearInterval(this.#timer);
    if (!channel) return;
    channel.close();
    this.#again();
  }

  /** All that the host may not have goes by the way that is taken now; it does each once. */
  #again(): void {
    const sent_at = this.#now();
    this.#underWay = this.#underWay.map(({ message }) => ({ message, sent_at }));
    for (const { message } of this.#underWay) this.#transmit(message);
  }

  #transmit(message: InputMessage): void {
    if (this.#channel?.readyState === "open") this.#channel.send(JSON.stringify(message));
    else if (!this.#channel) this.#options.send(message);
  }
}
