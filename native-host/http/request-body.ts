// Reads the body of a request, with a bound.
import type { IncomingMessage } from "node:http";
import type { Context } from "hono";
import * as v from "valibot";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { sentence } from "../../protocol/sentence.ts";
import type { ServerEnv } from "./response.ts";

/** Bytes that a body may have: far more than any body of JSON or SDP that is meant for the host. */
export const MAX_BODY_BYTES = 64 * 1024;

/** The media type of a body, without its parameters and in lower case. */
export function contentType({ headers }: IncomingMessage): string | undefined {
  return headers["content-type"]?.split(";")[0]?.trim().toLowerCase();
}

/** The body as text; `null`: it is longer than {@link MAX_BODY_BYTES}. */
export async function bodyText(incoming: IncomingMessage): Promise<string | null> {
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of incoming as AsyncIterable<Uint8Array>) {
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) return null;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString("utf8");
}

/**
 * The body as JSON.
 * @throws FlyBrowserError `content_type_unsupported`, `body_too_large`, `invalid_request`
 */
export async function jsonBody({ env }: Context<ServerEnv>): Promise<unknown> {
  const given = contentType(env.incoming);
  const allowed = "application/json";
  // Also what keeps pages out: a simple request of another origin can't have this type.
  if (given !== allowed)
    throw new FlyBrowserError("content_type_unsupported", { allowed, given: given ?? sentence("http.missing") });
  // Not hono's bodyLimit: it can't rebuild the requests of @hono/node-server without its global Request.
  const text = await bodyText(env.incoming);
  if (text === null) throw new FlyBrowserError("body_too_large", { limit: MAX_BODY_BYTES });
  try {
    return JSON.parse(text);
  } catch {
    throw new FlyBrowserError("invalid_request", { reason: sentence("http.body_not_json") });
  }
}

/**
 * The body as its schema has it.
 * @throws FlyBrowserError `invalid_request`, naming the field; those of {@link jsonBody}
 */
export async function parsedBody<S extends v.GenericSchema>(
  context: Context<ServerEnv>,
  schema: S,
): Promise<v.InferOutput<S>> {
  const parsed = v.safeParse(schema, await jsonBody(context));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const field = v.getDotPath(issue);
  const reason = field === null ? issue.message : sentence("message.place", { place: field, reason: issue.message });
  throw new FlyBrowserError("invalid_request", { reason });
}
