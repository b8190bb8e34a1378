// Reads the JSON body of a request to the control API, with a bound. Never knows what it means.
import type { Context } from "hono";
import * as v from "valibot";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { ServerEnv } from "./viewing-routes.ts";

/** Bytes of a body. */
const MAX_BODY_BYTES = 64 * 1024;

/** @throws FlyBrowserError `content_type_unsupported`, `body_too_large`, `invalid_request` */
export async function jsonBody(c: Context<ServerEnv>): Promise<unknown> {
  const given = c.req.header("content-type")?.split(";")[0]?.trim().toLowerCase();
  const allowed = "application/json";
  // Also what keeps pages out: a simple request of another origin can't have this type.
  if (given !== allowed) throw new FlyBrowserError("content_type_unsupported", { allowed, given: given ?? "missing" });
  // Not hono's bodyLimit: it can't rebuild the requests of @hono/node-server without its global Request.
  const pieces: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of c.env.incoming) {
    pieces.push(piece);
    bytes += piece.length;
    if (bytes > MAX_BODY_BYTES) throw new FlyBrowserError("body_too_large", { limit: MAX_BODY_BYTES });
  }
  try {
    return JSON.parse(Buffer.concat(pieces).toString("utf8"));
  } catch {
    throw new FlyBrowserError("invalid_request", { reason: "its body is not JSON" });
  }
}

/** The body, as its schema has it. @throws FlyBrowserError `invalid_request`, naming the place; those of {@link jsonBody} */
export async function parsedBody<S extends v.GenericSchema>(
  c: Context<ServerEnv>,
  schema: S,
): Promise<v.InferOutput<S>> {
  const parsed = v.safeParse(schema, await jsonBody(c));
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  const place = v.getDotPath(issue);
  throw new FlyBrowserError("invalid_request", { reason: `${place === null ? "" : `${place}: `}${issue.message}` });
}
