// The control API's routes about private time of a tab.
import type { Hono } from "hono";
import * as v from "valibot";
import { type BeginPrivateRequest, BeginPrivateRequestSchema, PrivateIdSchema } from "../../protocol/control-api.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { sentence } from "../../protocol/sentence.ts";
import { parsedBody } from "./request-body.ts";
import type { ServerEnv } from "./response.ts";

/** What the routes ask for. */
export interface PrivateBackend {
  /** Resolves when nothing of the tab is seen any more. */
  beginPrivate(private_id: string, request: BeginPrivateRequest): Promise<unknown>;
  /** Resolves when it is seen again, unless another id keeps it private. */
  endPrivate(private_id: string): Promise<unknown>;
}

function checkedId(given: string): string {
  if (v.is(PrivateIdSchema, given)) return given;
  throw new FlyBrowserError("invalid_option", {
    option: "private_id",
    value: given,
    allowed: sentence("allowed.task_id"),
  });
}

/** Adds the routes. */
export function addPrivateRoutes(app: Hono<ServerEnv>, backend: PrivateBackend): void {
  app.put("/api/private/:private_id", async (c) => {
    const private_id = checkedId(c.req.param("private_id"));
    await backend.beginPrivate(private_id, await parsedBody(c, BeginPrivateRequestSchema));
    return c.json({ private_id, private: true });
  });
  app.delete("/api/private/:private_id", async (c) => {
    const private_id = checkedId(c.req.param("private_id"));
    await backend.endPrivate(private_id);
    return c.json({ private_id, private: false });
  });
}
