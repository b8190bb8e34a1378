// A person whose player has a socket for taking over a page: what they say is checked and counted, and what they do is done once and in
// order, whichever way it comes: by the socket, or by a data channel, which holds for as long as they have control.
import * as v from "valibot";
import {
  type HostMessage,
  INPUT_RATE,
  type InputMessage,
  type ViewerMessage,
  ViewerMessageSchema,
} from "../../protocol/control-messages.ts";
import type { Seat } from "../stream/control-desk.ts";
import { TokenBucket } from "./token-bucket.ts";

/** ms within which the player is told what has come. */
const TELL_WITHIN = 50;

/** A way for input beside the socket. */
export interface InputChannel {
  /** What the player has to show there. */
  readonly ticket: string;
  /** Ends it. Idempotent. */
  close(): void;
}

/** What is told of an {@link InputChannel}. */
export interface InputChannelEvents {
  /** A message as it came. */
  readonly onText: (text: string) => void;
  /** It has ended by itself. */
  readonly onLost: () => void;
}

/** Opens a way for input of who watches a stream; `null`: there is none. Doesn't reject. */
export type OpenInputChannel = (stream_id: string, events: InputChannelEvents) => Promise<InputChannel | null>;

/** What a {@link SteeringPerson} needs. */
export interface SteeringPersonOptions {
  /** Tells the player. */
  readonly tell: (message: HostMessage) => void;
  /** Takes a seat at the desk. */
  readonly join: (tell: (message: HostMessage) => void) => Seat;
  readonly openChannel: (events: InputChannelEvents) => Promise<InputChannel | null>;
  /** They have said what no player of ours does: the socket is to be closed. */
  readonly onOffence: () => void;
}

/** The person, from the socket's opening to its end. */
export class SteeringPerson {
  readonly #options: SteeringPersonOptions;
  readonly #seat: Seat;
  readonly #rate = new TokenBucket(INPUT_RATE);
  #has_control = false;
  /** Number of the newest input. */
  #last = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #channel: InputChannel | null = null;
  /** Counts channels: one that is opened too late is closed again. */
  #channels = 0;

  constructor(options: SteeringPersonOptions) {
    this.#options = options;
    this.#seat = options.join((message) => this.#tell(message));
  }

  /** Takes a message of the socket's. */
  said(text: string): void {
    const message = parse(text);
    // Who sends what can't be read, or so much, is sent away, with what they held.
    if (!message || !this.#rate.take() || !this.#act(message)) this.#offended();
  }

  /** The socket has ended. */
  leave(): void {
    clearTimeout(this.#timer);
    this.#closeChannel();
    this.#seat.leave();
  }

  /** `false`: no player of ours does this. */
  #act(message: ViewerMessage): boolean {
    if (message.type === "input") return this.#input(message);
    if (message.type === "take") this.#seat.take();
    else if (message.type === "decline") this.#seat.decline(message.note);
    else if (message.type === "done") this.#seat.done(message.note);
    else void this.#openChannel();
    return true;
  }

  /** What has come by the other way already is passed over; nothing may be missing before it. */
  #input({ n, input }: InputMessage): boolean {
    if (n > this.#last + 1) return false;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#options.tell({ type: "taken", n: this.#last });
    }, TELL_WITHIN);
    if (n <= this.#last) return true;
    this.#last = n;
    this.#seat.input(input);
    return true;
  }

  #tell(message: HostMessage): void {
    this.#options.tell(message);
    if (message.type !== "control") return;
    this.#has_control = message.state === "yours";
    if (!this.#has_control) this.#closeChannel();
  }

  /** In place of one that was open. */
  async #openChannel(): Promise<void> {
    this.#closeChannel();
    const mine = this.#channels;
    const tell = (ticket: string | null) => this.#options.tell({ type: "channel", ticket });
    if (!this.#has_control) return tell(null);
    const channel = await this.#options.openChannel({
      onText: (text) => {
        if (mine === this.#channels) this.#saidByChannel(text);
      },
      onLost: () => {
        if (mine === this.#channels) tell(null);
      },
    });
    if (mine !== this.#channels) channel?.close();
    else {
      this.#channel = channel;
      tell(channel?.ticket ?? null);
    }
  }

  /** By the channel comes input alone. */
  #saidByChannel(text: string): void {
    const message = parse(text);
    if (message?.type !== "input" || !this.#rate.take() || !this.#input(message)) this.#offended();
  }

  #closeChannel(): void {
    this.#channels++;
    this.#channel?.close();
    this.#channel = null;
  }

  #offended(): void {
    this.#closeChannel();
    this.#options.onOffence();
  }
}

function parse(text: string): ViewerMessage | null {
  try {
    const parsed = v.safeParse(ViewerMessageSchema, JSON.parse(text));
    return parsed.success ? parsed.output : null;
  } catch {
    return null;
  }
}
