// An error as an HTTP answer: problem details (RFC 9457) with our code, its details and what to do.
// Never decides what is an error.
import type { Problem } from "../../protocol/control-api.ts";
import { type FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { Answer } from "./answer.ts";

/** s after which somebody who was one too many may ask again. */
const RETRY_AFTER = "5";

/** Headers that HTTP wants beside some statuses (RFC 9110 11.6.1, 15.5.6; 10.2.3). */
function headersOf({ code, details, status }: FlyBrowserError): Record<string, string> {
  if (code === "unauthorized") return { "WWW-Authenticate": 'Bearer realm="flybrowser-stream"' };
  if (code === "method_not_allowed") return { Allow: String(details.allowed) };
  return status === 503 ? { "Retry-After": RETRY_AFTER } : {};
}

/** An error as problem details. */
export function problemOf(thrown: unknown): Problem {
  const { code, status, fix, message, details } = toFlyBrowserError(thrown);
  const type = `urn:flybrowser-stream:${code}`;
  const sentence = /[.!?]$/.test(message) ? message : `${message}.`;
  return { type, title: message, status, detail: `${sentence} ${fix}`, code, details, fix };
}

/** The same as an answer. */
export function problemAnswer(thrown: unknown): Answer {
  const body = problemOf(thrown);
  const headers = {
    "Content-Type": "application/problem+json",
    "Cache-Control": "no-store",
    ...headersOf(toFlyBrowserError(thrown)),
  };
  return { status: body.status, headers, body: [Buffer.from(JSON.stringify(body))] };
}

/** The same as a response of hono. */
export function problem(thrown: unknown): Response {
  const { status, headers, body } = problemAnswer(thrown);
  return new Response(Buffer.concat(body), { status, headers: { ...headers, "X-Content-Type-Options": "nosniff" } });
}
