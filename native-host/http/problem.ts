// An error as an HTTP response: problem details (RFC 9457) with the code of the error, its details and what to do.
import type { Problem } from "../../protocol/control-api.ts";
import { errorInWords, toFlyBrowserError } from "../../protocol/errors.ts";
import type { HttpResponse } from "./response.ts";

/** s after which a client that was one too many may ask again. */
const RETRY_AFTER = "5";

function headersFor(thrown: unknown): Record<string, string> {
  const { code, details, status } = toFlyBrowserError(thrown);
  const headers = { "Content-Type": "application/problem+json", "Cache-Control": "no-store" };
  // What HTTP wants with some statuses (RFC 9110 11.6.1, 15.5.6, 10.2.3).
  if (code === "unauthorized") return { ...headers, "WWW-Authenticate": 'Bearer realm="flybrowser-stream"' };
  if (code === "method_not_allowed") return { ...headers, Allow: String(details.allowed) };
  return status === 503 ? { ...headers, "Retry-After": RETRY_AFTER } : headers;
}

function problemOf(thrown: unknown): Problem {
  const error = toFlyBrowserError(thrown);
  const { code, fix, message, details } = errorInWords(error);
  const type = `urn:flybrowser-stream:${code}`;
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  return { type, title: message, status: error.status, detail: `${sentence} ${fix}`, code, details, fix };
}

/** The same as a response for `send`. */
export function problemResponse(thrown: unknown): HttpResponse {
  const body = problemOf(thrown);
  return { status: body.status, headers: headersFor(thrown), body: [Buffer.from(JSON.stringify(body))] };
}

/** The same as a response for hono. */
export function problem(thrown: unknown): Response {
  const body = problemOf(thrown);
  const headers = { ...headersFor(thrown), "X-Content-Type-Options": "nosniff" };
  return new Response(JSON.stringify(body), { status: body.status, headers });
}
