// WHEP (draft-ietf-wish-whep) under /s/<stream_id>/<view_token>/whep: a viewer posts an offer and gets the answer that the
// extension makes. Without the token it responds as if there were no stream.
import type { IncomingMessage } from "node:http";
import { isIPv4 } from "node:net";
import { type Context, Hono } from "hono";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { Share } from "../../protocol/options.ts";
import { say } from "../../protocol/sentence.ts";
import type { FoundStream, LiveStreams } from "./live-streams.ts";
import { watcherOf } from "./playback-routes.ts";
import { problem } from "./problem.ts";
import { bodyText, contentType, MAX_BODY_BYTES } from "./request-body.ts";
import { NO_STORE, NOT_FOUND, type ServerEnv, send } from "./response.ts";
import { malformed, parseFragment, unanswerable } from "./whep-sdp.ts";
import type { WhepSessions } from "./whep-sessions.ts";
import { iceServerLinks } from "./whep-settings.ts";

const SDP = "application/sdp";
const FRAGMENT = "application/trickle-ice-sdpfrag";
/** s after which a client that found no place may ask again. */
const RETRY_AFTER = "10";

const HEADERS = {
  ...NO_STORE,
  "Access-Control-Expose-Headers": "Location, Link, ETag, Retry-After, Accept-Patch, Accept-Post",
};
const PREFLIGHT = {
  "Access-Control-Allow-Headers": "Content-Type, If-Match, Authorization",
  "Access-Control-Max-Age": "86400",
};
const ENDPOINT = { Allow: "POST, OPTIONS", "Accept-Post": SDP, "Access-Control-Allow-Methods": "POST, OPTIONS" };
const SESSION = {
  Allow: "PATCH, DELETE, OPTIONS",
  "Accept-Patch": FRAGMENT,
  "Access-Control-Allow-Methods": "PATCH, DELETE, OPTIONS",
};

/** A request that isn't as the draft wants it, with the status that the draft gives it. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

type WhepContext = Context<ServerEnv, "/s/:stream_id/:token/whep/:viewer_id?">;

/** The routes of WHEP. */
export function whepRoutes(streams: LiveStreams, sessions: WhepSessions): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  const links = iceServerLinks(sessions.settings.ice_servers);
  const link: Record<string, string> = links === "" ? {} : { Link: links };

  const empty = (context: WhepContext, status: number, headers: Record<string, string>): Response => {
    return send(context.env, { status, headers: { ...HEADERS, ...headers }, body: [] });
  };
  const find = (context: WhepContext): FoundStream => {
    const { stream_id, token } = context.req.param();
    const found = sessions.offered ? streams.find(stream_id, token, context.env.from) : undefined;
    if (!found) throw new FlyBrowserError("not_found");
    return found;
  };
  /** The stream, when it has the viewer that the URL names. */
  const viewerOf = (context: WhepContext): { stream_id: string; viewer_id: string } => {
    const { stream_id } = find(context).stream;
    const { viewer_id = "" } = context.req.param() as { viewer_id?: string };
    if (!sessions.has(stream_id, viewer_id)) throw new FlyBrowserError("not_found");
    return { stream_id, viewer_id };
  };

  app.options("/s/:stream_id/:token/whep", (context) => empty(context, 204, { ...PREFLIGHT, ...ENDPOINT, ...link }));
  app.options("/s/:stream_id/:token/whep/:viewer_id", (context) => empty(context, 204, { ...PREFLIGHT, ...SESSION }));

  app.post("/s/:stream_id/:token/whep", async (context) => {
    const { incoming, outgoing } = context.env;
    const { stream, asked } = find(context);
    if (stream.packager.ended) throw new FlyBrowserError("no_active_stream");
    const offer = await readBody(incoming, SDP);
    // The body may have taken its time.
    if (stream.packager.ended) throw new FlyBrowserError("no_active_stream");
    if (!accepts(incoming.headers.accept)) throw new Refusal(406, `The answer can only be ${SDP}.`);
    const wrong = malformed(offer);
    if (wrong) throw new Refusal(400, `The offer is refused: ${say(wrong)}.`);
    const reason = unanswerable(offer);
    if (reason) throw new FlyBrowserError("webrtc_offer_invalid", { reason });
    const { stream_id } = stream;
    const { viewer_id, answer, tag } = await sessions.open(
      stream_id,
      { client: watcherOf(context), ...asked, address: addressFor(asked.from, incoming) },
      offer,
      streams.ids,
    );
    // The viewer has gone, or the stream or its link has ended.
    const opens = stream.links.find(context.req.param("token")) !== null && stream.admits(asked.from);
    if (outgoing.destroyed || stream.packager.ended || !opens) void sessions.close(stream_id, viewer_id);
    if (!opens) throw new FlyBrowserError("not_found");
    if (stream.packager.ended) throw new FlyBrowserError("no_active_stream");
    const headers = {
      ...HEADERS,
      ...link,
      "Content-Type": SDP,
      Location: `whep/${viewer_id}`,
      ETag: `"${tag}"`,
      "Accept-Patch": FRAGMENT,
    };
    return send(context.env, { status: 201, headers, body: [Buffer.from(answer)] });
  });

  app.patch("/s/:stream_id/:token/whep/:viewer_id", async (context) => {
    const { incoming } = context.env;
    const { stream_id, viewer_id } = viewerOf(context);
    const fragment = parseFragment(await readBody(incoming, FRAGMENT));
    if (!fragment) throw new Refusal(400, "The body is no SDP fragment.");
    const tags = incoming.headers["if-match"];
    if (tags === undefined) throw new Refusal(428, "If-Match must hold the ETag of the answer.");
    if (!sessions.matches(viewer_id, tags)) throw new Refusal(412, "If-Match names another ICE session.");
    if (sessions.restarts(viewer_id, fragment.ufrag))
      throw new Refusal(422, "ICE can't be restarted: post a new offer.");
    await sessions.addCandidates(stream_id, viewer_id, fragment.candidates);
    return empty(context, 204, {});
  });

  app.delete("/s/:stream_id/:token/whep/:viewer_id", async (context) => {
    const { stream_id, viewer_id } = viewerOf(context);
    await sessions.close(stream_id, viewer_id);
    return empty(context, 200, {});
  });

  app.all("/s/:stream_id/:token/whep", (context) => {
    find(context);
    return empty(context, 405, ENDPOINT);
  });
  app.all("/s/:stream_id/:token/whep/:viewer_id", (context) => {
    viewerOf(context);
    return empty(context, 405, SESSION);
  });

  app.onError((error, context) => {
    if (error instanceof FlyBrowserError && error.code === "not_found") {
      return send(context.env, NOT_FOUND);
    }
    const retry = error instanceof FlyBrowserError && error.status === 503 ? { "Retry-After": RETRY_AFTER } : {};
    const response = error instanceof Refusal ? refusal(error) : problem(error);
    for (const [name, value] of Object.entries({ ...HEADERS, ...retry })) response.headers.set(name, value);
    return response;
  });
  return app;
}

/** Where viewing is open for those who come this way: media go by the same address of this machine. Who comes from afar needs any. */
function addressFor(from: Share, { socket }: IncomingMessage): string | undefined {
  if (from === "internet" || process.platform !== "linux") return undefined; // elsewhere a socket of one address can't reach another
  const { localAddress } = socket;
  return localAddress !== undefined && isIPv4(localAddress) ? localAddress : undefined;
}

function refusal({ status, message }: Refusal): Response {
  const body = { type: "about:blank", title: message, status, detail: message };
  return Response.json(body, { status, headers: { "content-type": "application/problem+json" } });
}

function accepts(accept: string | undefined): boolean {
  return accept === undefined || /(?:^|,)\s*(?:application\/sdp|application\/\*|\*\/\*)\s*(?:[;,]|$)/i.test(accept);
}

/** Reads the body to its end, also where it is refused: the connection goes on. */
async function readBody(incoming: IncomingMessage, type: string): Promise<string> {
  const text = await bodyText(incoming);
  if (text === null) throw new Refusal(413, `The body is larger than ${MAX_BODY_BYTES} bytes.`);
  if (contentType(incoming) !== type) throw new Refusal(415, `The content type must be ${type}.`);
  return text;
}
