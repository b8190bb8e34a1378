// What goes over the MessagePort between offscreen document and service worker: the media, in order, with their buffers
// transferred.
import * as v from "valibot";
import { RunOpeningSchema } from "./native-messages.ts";

/** Schema of a message from the offscreen document. */
export const MediaMessageSchema = v.variant("kind", [
  v.object({ kind: v.literal("run_opened"), run: RunOpeningSchema }),
  v.object({
    kind: v.literal("chunk"),
    stream_id: v.string(),
    run: v.number(),
    sent_at: v.number(),
    /** Frames that the recorder was given since the chunk before. */
    frames: v.number(),
    /** ms for which the tab has shown something else than what the recorder was given. */
    unseen: v.number(),
    buffer: v.instance(ArrayBuffer),
  }),
  v.object({ kind: v.literal("run_closed"), stream_id: v.string(), run: v.number(), reason: v.string() }),
  /** The way to the host was made anew; what follows of this run is what the host lacks of it. */
  v.object({ kind: v.literal("run_continued"), stream_id: v.string(), run: v.number() }),
  v.object({ kind: v.literal("frames_dropped"), stream_id: v.string(), frames: v.number(), reason: v.string() }),
]);
/** A message from the offscreen document. */
export type MediaMessage = v.InferOutput<typeof MediaMessageSchema>;
/** What a host has taken of a stream. */
export type { TakenMedia } from "./native-messages.ts";

/** Schema of a message to the offscreen document: bytes that FFmpeg has taken. */
export const MediaAckSchema = v.object({
  kind: v.literal("chunk_accepted"),
  stream_id: v.string(),
  run: v.number(),
  bytes: v.number(),
  /** Somebody watches who gets media as they come: slices are to be short. */
  eager: v.boolean(),
});
/** A message to the offscreen document. */
export type MediaAck = v.InferOutput<typeof MediaAckSchema>;
