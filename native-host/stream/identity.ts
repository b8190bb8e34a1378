// Makes what nobody may guess: stream ids, view tokens, session ids. Never keeps them.
import { randomBytes } from "node:crypto";
import type { StreamIdentity } from "../../protocol/native-messages.ts";

/** A random text of so many bytes, base64url. */
export function randomToken(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

/** The identity of a new stream. `now`: epoch ms. */
export function newIdentity(now: number): StreamIdentity {
  return { stream_id: `stream_${randomToken(9)}`, view_token: randomToken(18), started_at: now, generation: 0 };
}
