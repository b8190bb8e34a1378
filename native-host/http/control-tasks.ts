// The control API's routes about tasks: begin one, change or end one. Never checks the token: the control API has done
// that before.
import type { Context, Hono } from "hono";
import type { Task } from "../../protocol/results.ts";
import type { ServerEnv } from "./viewing-routes.ts";

/** What the routes can have done. */
export interface TasksBackend {
  /** @throws FlyBrowserError `no_active_stream`, `invalid_option`, `unknown_option` */
  beginTask(stream_id: string, task: unknown): Task;
  /** @throws FlyBrowserError `no_active_stream`, `task_not_found`, `invalid_option`, `unknown_option` */
  updateTask(stream_id: string, task_id: string, change: unknown): Task;
}

/** Adds the routes. `jsonBody` reads the body of a request. */
export function addTaskRoutes(
  app: Hono<ServerEnv>,
  backend: TasksBackend,
  jsonBody: (c: Context<ServerEnv>) => Promise<unknown>,
): void {
  app.post("/api/streams/:id/tasks", async (c) => c.json(backend.beginTask(c.req.param("id"), await jsonBody(c)), 201));
  app.patch("/api/streams/:id/tasks/:task_id", async (c) => {
    const { id, task_id } = c.req.param();
    return c.json(backend.updateTask(id, task_id, await jsonBody(c)));
  });
}
