// Requests, responses and events between two processes over any Transport, each message checked by its
// schema where it comes in.
import * as v from "valibot";
import {
  deserializeError,
  FlyBrowserError,
  type SerializedError,
  SerializedErrorSchema,
  serializeError,
  toFlyBrowserError,
  wordsOf,
} from "./errors.ts";
import { sentence, type Words } from "./sentence.ts";
import type { Transport } from "./transport.ts";

type Schema = v.GenericSchema;

/** A method of one side: what it takes, what it gives, how long an answer may take. */
export interface Method {
  readonly params: Schema;
  readonly result: Schema;
  /** ms after which a call fails with `timeout`. */
  readonly timeout: number;
}

/** What one side offers: methods that the other may call, events that this side sends. */
export interface Contract {
  readonly methods: Readonly<Record<string, Method>>;
  readonly events: Readonly<Record<string, Schema>>;
}

/** What a method takes. */
export type Params<C extends Contract, M extends keyof C["methods"]> = v.InferOutput<C["methods"][M]["params"]>;
/** What it gives. */
export type Result<C extends Contract, M extends keyof C["methods"]> = v.InferOutput<C["methods"][M]["result"]>;
type Event<C extends Contract, E extends keyof C["events"]> = v.InferOutput<C["events"][E]>;

/** One function for each method that this side offers. */
export type Handlers<C extends Contract> = {
  readonly [M in keyof C["methods"]]: (params: Params<C, M>) => Promise<Result<C, M>> | Result<C, M>;
};

/** One function for each event that the other side sends. */
export type Listeners<C extends Contract> = {
  readonly [E in keyof C["events"]]: (event: Event<C, E>) => void;
};

const EnvelopeSchema = v.variant("kind", [
  v.object({ kind: v.literal("request"), id: v.number(), method: v.string(), params: v.unknown() }),
  v.object({
    kind: v.literal("response"),
    id: v.number(),
    result: v.optional(v.unknown()),
    error: v.optional(SerializedErrorSchema),
  }),
  v.object({ kind: v.literal("event"), event: v.string(), params: v.unknown() }),
]);

interface Waiting {
  readonly method: string;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: FlyBrowserError) => void;
  readonly timer: ReturnType<typeof setTimeout>;
}

/** Calls that may wait for an answer at the same time on one connection. */
const MAX_WAITING = 256;

/** What a {@link Peer} needs. */
export interface PeerOptions<Local extends Contract, Remote extends Contract> {
  readonly transport: Transport;
  /** What this side offers. */
  readonly local: Local;
  /** What the other side offers. */
  readonly remote: Remote;
  readonly handlers: Handlers<Local>;
  readonly listeners: Listeners<Remote>;
  /** Called once when the connection ends. */
  readonly onClose?: (reason: Words) => void;
  /** Told of messages that were refused, for the log. */
  readonly onInvalid?: (error: FlyBrowserError) => void;
}

/** One end of a connection: calls the other side's methods, answers calls of its own, sends and gets events. */
export class Peer<Local extends Contract, Remote extends Contract> {
  readonly #options: PeerOptions<Local, Remote>;
  readonly #waiting = new Map<number, Waiting>();
  #nextId = 1;
  #closedBecause: Words | null = null;

  constructor(options: PeerOptions<Local, Remote>) {
    this.#options = options;
    options.transport.onClose((reason) => this.#closed(reason));
    options.transport.onMessage((message) => this.#receive(message));
  }

  /**
   * Calls a method of the other side.
   * @throws FlyBrowserError what the other side threw; `timeout`; `host_lost` when the connection ends.
   */
  call<M extends keyof Remote["methods"] & string>(method: M, params: Params<Remote, M>): Promise<Result<Remote, M>> {
    const declared = this.#options.remote.methods[method] as Method;
    if (this.#closedBecause !== null) return Promise.reject(this.#lost(this.#closedBecause));
    if (this.#waiting.size >= MAX_WAITING) {
      return Promise.reject(
        new FlyBrowserError("internal", { reason: sentence("calls.too_many", { limit: MAX_WAITING }) }),
      );
    }
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#waiting.delete(id);
        reject(new FlyBrowserError("timeout", { what: method, seconds: declared.timeout / 1000 }));
      }, declared.timeout);
      this.#waiting.set(id, { method, resolve: resolve as (result: unknown) => void, reject, timer });
      try {
        this.#options.transport.send({ kind: "request", id, method, params });
      } catch (thrown) {
        clearTimeout(timer);
        this.#waiting.delete(id);
        reject(toFlyBrowserError(thrown));
      }
    });
  }

  /** Sends an event of this side. One that the transport doesn't take is lost, and `onInvalid` is told. */
  emit<E extends keyof Local["events"] & string>(event: E, params: Event<Local, E>): void {
    try {
      this.#options.transport.send({ kind: "event", event, params });
    } catch (thrown) {
      this.#invalid(event, wordsOf(thrown));
    }
  }

  /** Ends the connection; calls that wait fail. */
  close(): void {
    this.#options.transport.close();
    this.#closed(sentence("connection.closed_here"));
  }

  #lost(reason: Words): FlyBrowserError {
    return new FlyBrowserError("host_lost", { reason });
  }

  #closed(reason: Words): void {
    if (this.#closedBecause !== null) return;
    this.#closedBecause = reason;
    for (const { reject, timer } of this.#waiting.values()) {
      clearTimeout(timer);
      reject(this.#lost(reason));
    }
    this.#waiting.clear();
    this.#options.onClose?.(reason);
  }

  #receive(message: unknown): void {
    const parsed = v.safeParse(EnvelopeSchema, message);
    if (!parsed.success) {
      this.#invalid("envelope", parsed.issues[0].message);
      return;
    }
    const envelope = parsed.output;
    if (envelope.kind === "request") void this.#answer(envelope.id, envelope.method, envelope.params);
    else if (envelope.kind === "response") this.#settle(envelope.id, envelope);
    else this.#hear(envelope.event, envelope.params);
  }

  async #answer(id: number, method: string, params: unknown): Promise<void> {
    const send = (response: { result: unknown } | { error: SerializedError }) =>
      this.#options.transport.send({ kind: "response", id, ...response });
    try {
      const declared = Object.hasOwn(this.#options.local.methods, method)
        ? this.#options.local.methods[method]
        : undefined;
      if (!declared)
        throw new FlyBrowserError("invalid_message", { name: method, reason: sentence("message.unknown_method") });
      const checked = this.#check(method, declared.params, params);
      const handler = this.#options.handlers[method] as (params: unknown) => unknown;
      send({ result: (await handler(checked)) ?? null });
    } catch (thrown) {
      try {
        send({ error: serializeError(thrown) });
      } catch (unsendable) {
        this.#invalid(method, wordsOf(unsendable)); // the call fails by its timeout
      }
    }
  }

  #settle(
    id: number,
    response: { result?: unknown; error?: v.InferOutput<typeof SerializedErrorSchema> | undefined },
  ): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return; // the answer came after its timeout
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (response.error) {
      waiting.reject(deserializeError(response.error));
      return;
    }
    try {
      const declared = this.#options.remote.methods[waiting.method] as Method;
      waiting.resolve(this.#check(waiting.method, declared.result, response.result));
    } catch (thrown) {
      waiting.reject(thrown as FlyBrowserError);
    }
  }

  #hear(event: string, params: unknown): void {
    const declared = Object.hasOwn(this.#options.remote.events, event) ? this.#options.remote.events[event] : undefined;
    if (!declared) {
      this.#invalid(event, sentence("message.unknown_event"));
      return;
    }
    const parsed = v.safeParse(declared, params);
    if (!parsed.success) {
      this.#invalid(event, parsed.issues[0].message);
      return;
    }
    const listener = this.#options.listeners[event] as (event: unknown) => void;
    try {
      listener(parsed.output);
    } catch (thrown) {
      this.#invalid(event, wordsOf(thrown)); // the other events of this connection have nothing to do with it
    }
  }

  #check(name: string, schema: Schema, value: unknown): unknown {
    const parsed = v.safeParse(schema, value);
    if (parsed.success) return parsed.output;
    const [{ message }] = parsed.issues;
    const path = v.getDotPath(parsed.issues[0]);
    throw new FlyBrowserError("invalid_message", {
      name,
      reason: path ? sentence("message.place", { place: path, reason: message }) : message,
    });
  }

  #invalid(name: string, reason: Words): void {
    this.#options.onInvalid?.(new FlyBrowserError("invalid_message", { name, reason }));
  }
}
