// The control API's routes about the destinations of a live stream.
import type { Hono } from "hono";
import { inWords } from "../../protocol/errors.ts";
import type { DestinationStatus } from "../../protocol/results.ts";
import { jsonBody } from "./request-body.ts";
import type { ServerEnv } from "./response.ts";

/** What the routes ask for. */
export interface DestinationsBackend {
  /** `destination`: as an entry of `destinations`. */
  addDestination(stream_id: string, destination: unknown): Promise<DestinationStatus>;
  removeDestination(stream_id: string, destination_id: string): Promise<DestinationStatus>;
}

/** Adds the routes. */
export function addDestinationRoutes(app: Hono<ServerEnv>, backend: DestinationsBackend): void {
  app.post("/api/streams/:id/destinations", async (c) =>
    c.json(inWords(await backend.addDestination(c.req.param("id"), await jsonBody(c))), 201),
  );
  app.delete("/api/streams/:id/destinations/:destination_id", async (c) => {
    const { id, destination_id } = c.req.param();
    return c.json(inWords(await backend.removeDestination(id, destination_id)));
  });
}
