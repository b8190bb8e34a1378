// The player's connection for taking over the page: who has control comes in, what this person does goes out, which may go by the video's
// own connection too (input-line.ts). Tried again for as long as the page is open.
import * as v from "valibot";
import { Backoff } from "../protocol/async.ts";
import {
  type HostMessage,
  HostMessageSchema,
  type Input,
  type Picker,
  type ViewerMessage,
} from "../protocol/control-messages.ts";
import { InputLine } from "./input-line.ts";

const RETRY = { first: 500, longest: 8_000, jitter: 0.2 };
/** Bytes that may wait to be sent: on a line that slow nobody can steer, and what came late would be done late. */
const MAX_UNSENT = 64 * 1024;

/** Who has control, as the host says. */
export type ControlState = Extract<HostMessage, { type: "control" }>;

/** Nobody may take over, or it isn't known yet. */
export const CLOSED: ControlState = { type: "control", state: "closed", reason: null, ends_in: null, by: null };

/** What is told. */
export interface ControlLinkEvents {
  readonly onState: (state: ControlState) => void;
  /** The page's browser would draw this where nobody sees it; `null`: it is gone. */
  readonly onPicker: (picker: Picker | null) => void;
  /** A data channel to the host's relay; `null`: there is none at the moment. */
  readonly inputChannel: () => RTCDataChannel | null;
}

/** The connection. */
export class ControlLink {
  readonly #url: URL;
  readonly #events: ControlLinkEvents;
  readonly #line: InputLine;
  readonly #backoff = new Backoff(RETRY);
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** `base`: the folder of the stream. */
  constructor(base: URL, events: ControlLinkEvents) {
    this.#url = new URL("control", base);
    this.#url.protocol = base.protocol === "https:" ? "wss:" : "ws:";
    this.#events = events;
    this.#line = new InputLine({
      send: (message) => this.#send(message),
      ready: () => this.#socket?.readyState === WebSocket.OPEN && this.#socket.bufferedAmount <= MAX_UNSENT,
      channel: events.inputChannel,
    });
    this.#open();
  }

  /** Takes over, if it is free. */
  take(): void {
    this.#send({ type: "take" });
  }

  /** Says no. */
  decline(note: string): void {
    this.#send({ type: "decline", note });
  }

  /** Gives it back. */
  done(note: string): void {
    this.#send({ type: "done", note });
  }

  /** Does something with the page. */
  input(input: Input): void {
    this.#line.send(input);
  }

  /** Ends it; what this person has is given back. Idempotent. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#line.reset();
    this.#socket?.close();
  }

  #send(message: ViewerMessage): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(message));
  }

  #open(): void {
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.onopen = () => this.#backoff.reset();
    socket.onmessage = ({ data }: MessageEvent<string>) => {
      const parsed = v.safeParse(HostMessageSchema, JSON.parse(data));
      if (!parsed.success) return;
      const message = parsed.output;
      if (message.type === "picker") this.#events.onPicker(message.picker);
      else if (message.type === "taken") this.#line.taken(message.n);
      else if (message.type === "channel") this.#line.ticket(message.ticket);
      else this.#events.onState(message);
    };
    socket.onclose = () => {
      if (this.#closed) return;
      this.#line.reset();
      this.#events.onState(CLOSED);
      this.#timer = setTimeout(() => this.#open(), this.#backoff.next());
    };
  }
}
