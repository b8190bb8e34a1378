// The wall of all streams: a page, and the list that it shows, for whoever has the control token or the wall's own link.
import { timingSafeEqual } from "node:crypto";
import { Hono } from "hono";
import type { Share } from "../../protocol/options.ts";
import type { WallStream } from "../../protocol/player-messages.ts";
import type { LiveStreams } from "./live-streams.ts";
import { PLAYER_FILES, type PlayerPage } from "./player-page.ts";
import { type HttpResponse, NO_STORE, NOT_FOUND, type ServerEnv, send, textResponse } from "./response.ts";

/** What the wall needs. */
export interface WallOptions {
  readonly streams: LiveStreams;
  readonly page: PlayerPage;
  readonly control_token: string;
  /** The secret of the wall's own link. */
  readonly wall_token: string;
  readonly viewers: (stream_id: string) => number;
}

const UNAUTHORIZED = textResponse(401, "Send the control token.", { "WWW-Authenticate": "Bearer" });

/** The routes. */
export function wallRoutes({ streams, page, control_token, wall_token, viewers }: WallOptions): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  const list = (from: Share): HttpResponse => {
    const all = streams.ids.flatMap((id): WallStream[] => {
      const stream = streams.get(id);
      const path = stream?.links.path ?? null;
      if (!stream || path === null || !stream.admits(from)) return [];
      const { state, tab_title = "", width, height } = stream.state();
      return [{ stream_id: id, path, state, tab_title, width, height, viewers: viewers(id) }];
    });
    const headers = { "Content-Type": "application/json", ...NO_STORE };
    return { status: 200, headers, body: [Buffer.from(JSON.stringify({ streams: all }))] };
  };
  app.get("/wall", async ({ env }) => send(env, await page.wall(PLAYER_FILES.from_root)));
  // A browser sends no header of its own to another site's page, and there is no CORS for this.
  app.get("/wall/streams", ({ env, req }) => {
    const given = /^Bearer (\S+)$/i.exec(req.header("authorization") ?? "")?.[1] ?? "";
    return send(env, same(given, control_token) ? list(env.from) : UNAUTHORIZED);
  });
  app.get("/wall/:token/", async ({ env, req }) => {
    return send(env, same(req.param("token"), wall_token) ? await page.wall(PLAYER_FILES.from_wall) : NOT_FOUND);
  });
  app.get("/wall/:token/streams", ({ env, req }) => {
    return send(env, same(req.param("token"), wall_token) ? list(env.from) : NOT_FOUND);
  });
  return app;
}

function same(given: string, token: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(token)];
  return a.length === b.length && timingSafeEqual(a, b);
}
