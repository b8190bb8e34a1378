// Carries the media from the offscreen document to the host, in order, and the host's acknowledgements back. Buffers nothing:
// the bound is in the publisher (offscreen), which counts what is not acknowledged.
import * as v from "valibot";
import { timeout } from "../../protocol/async.ts";
import { type MediaAck, type MediaMessage, MediaMessageSchema } from "../../protocol/media-messages.ts";
import type { ExtensionContract } from "../../protocol/native-messages.ts";
import { logOf } from "../log.ts";
import { toBase64 } from "./base64.ts";

type Events = typeof ExtensionContract.events;
type MediaEvent = "run_opened" | "chunk" | "run_closed" | "frames_dropped";

/** Sends an event to the host. */
export type EmitToHost = <E extends MediaEvent>(event: E, params: v.InferOutput<Events[E]>) => void;

/** The part of a MessagePort that the relay uses. */
export interface RelayPort {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: MediaAck): void;
  close(): void;
}

const log = logOf("media");

/** The relay of all streams. */
export class MediaRelay {
  readonly #emit: EmitToHost;
  #port: RelayPort | null = null;
  /** Streams that the host at hand knows; their open runs. A new host knows none. */
  readonly #runs = new Map<string, Set<number>>();
  /** Numbers of the next runs: a capture that is made again goes on with them. */
  readonly #nextRuns = new Map<string, number>();
  readonly #drained = new Map<string, () => void>();

  constructor(emit: EmitToHost) {
    this.#emit = emit;
  }

  /** Takes the port of the offscreen document; an older one is let go. */
  takePort(port: RelayPort): void {
    this.#port?.close();
    this.#port = port;
    port.onmessage = (event) => this.#receive(event.data);
  }

  /** From now on the media of the stream go to the host, beginning with its next run. */
  attach(stream_id: string): void {
    this.#runs.set(stream_id, new Set());
  }

  /** Number of the next run of a stream. */
  nextRun(stream_id: string): number {
    return this.#nextRuns.get(stream_id) ?? 0;
  }

  /** The stream is over: what still comes of it is thrown away. */
  detach(stream_id: string): void {
    this.#nextRuns.delete(stream_id);
    this.#letGo(stream_id);
  }

  /** The host has gone: nothing can be sent until the streams are attached again. */
  detachAll(): void {
    for (const stream_id of [...this.#runs.keys()]) this.#letGo(stream_id);
  }

  /** The runs that are open will get no more: their capture has gone. */
  abandon(stream_id: string, reason: string): void {
    for (const run of this.#runs.get(stream_id) ?? []) this.#forward({ kind: "run_closed", stream_id, run, reason });
  }

  /** Resolves when every open run of the stream has been closed, so that no tail is cut off; after `ms` in any case. */
  async drained(stream_id: string, ms: number): Promise<void> {
    if (!this.#runs.get(stream_id)?.size) return;
    const drained = new Promise<void>((resolve) => this.#drained.set(stream_id, resolve));
    await timeout(drained, ms);
    this.#drained.delete(stream_id);
  }

  /** Passes on what the host has taken. */
  acknowledge(ack: Omit<MediaAck, "kind">): void {
    this.#port?.postMessage({ kind: "chunk_accepted", ...ack });
  }

  #letGo(stream_id: string): void {
    this.#runs.delete(stream_id);
    this.#drained.get(stream_id)?.();
  }

  #receive(data: unknown): void {
    const parsed = v.safeParse(MediaMessageSchema, data);
    if (!parsed.success) {
      log.warn("a media message was refused:", parsed.issues[0].message);
      return;
    }
    this.#forward(parsed.output);
  }

  #forward(message: MediaMessage): void {
    const stream_id = message.kind === "run_opened" ? message.run.stream_id : message.stream_id;
    if (message.kind === "run_opened") this.#nextRuns.set(stream_id, message.run.run + 1);
    if (message.kind === "run_continued") this.#nextRuns.set(stream_id, message.run + 1);
    const runs = this.#runs.get(stream_id);
    if (!runs) return;
    switch (message.kind) {
      case "run_opened":
        runs.add(message.run.run);
        this.#emit("run_opened", message.run);
        return;
      case "run_continued":
        runs.add(message.run);
        return;
      case "chunk":
        // A run that began under another host is of no use to this one: its init segment was there.
        if (!runs.has(message.run)) return;
        this.#emit("chunk", {
          ...{ stream_id, run: message.run, sent_at: message.sent_at },
          ...{ frames: message.frames, unseen: message.unseen },
          data: toBase64(new Uint8Array(message.buffer)),
        });
        return;
      case "run_closed":
        if (!runs.delete(message.run)) return;
        this.#emit("run_closed", { stream_id, run: message.run, reason: message.reason });
        if (runs.size === 0) this.#drained.get(stream_id)?.();
        return;
      case "frames_dropped":
        this.#emit("frames_dropped", { stream_id, frames: message.frames, reason: message.reason });
    }
  }
}
