// Makes what nobody may guess: stream ids, view tokens, session ids.
import { randomBytes } from "node:crypto";
import type { StreamIdentity } from "../../protocol/native-messages.ts";
import type { StreamOrigin } from "../media/stream-clock.ts";

/** A random text of so many bytes, base64url. */
export function randomToken(bytes: number): string {
  return randomBytes(bytes).toString("base64url");
}

/** The identity of a new stream. `stream_id`: where whoever asks for it has named it. */
export function newIdentity(
  origin: StreamOrigin,
  published: boolean,
  stream_id: string = `stream_${randomToken(9)}`,
): StreamIdentity {
  const published_at = published ? origin.started_at : null;
  return { published_at, stream_id, view_token: randomToken(18), ...origin, generation: 0 };
}

/** The same stream, seen by viewers from now on: with a token that no earlier viewer has. `now`: by its clock. */
export function publishedIdentity(identity: StreamIdentity, now: number): StreamIdentity {
  const { links: _, missing: __, ...rest } = identity;
  return { ...rest, view_token: randomToken(18), published_at: now };
}
