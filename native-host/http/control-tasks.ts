// The control API's routes about tasks: begin, change, end, and a file of one that has ended.
import type { Hono } from "hono";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { Task } from "../../protocol/results.ts";
import { sentence } from "../../protocol/sentence.ts";
import { parseTaskMessage, UpdateTaskRequestSchema } from "../../protocol/task-messages.ts";
import { jsonBody } from "./request-body.ts";
import type { ServerEnv } from "./response.ts";

/** What the routes ask for. */
export interface TasksBackend {
  /** @throws FlyBrowserError `no_active_stream`, `invalid_option`, `unknown_option` */
  beginTask(stream_id: string, task: unknown): Task;
  /** @throws FlyBrowserError `no_active_stream`, `task_not_found`, `invalid_option`, `unknown_option` */
  updateTask(stream_id: string, task_id: string, change: unknown): Task;
  /** Makes a file of a task, and names it there. @throws FlyBrowserError `clip_unavailable`, `clip_failed`, `task_not_found` */
  clipTask(stream_id: string, task_id: string): Promise<Task>;
}

/** Adds the routes. */
export function addTaskRoutes(app: Hono<ServerEnv>, backend: TasksBackend): void {
  app.post("/api/streams/:id/tasks", async (c) => c.json(backend.beginTask(c.req.param("id"), await jsonBody(c)), 201));
  app.patch("/api/streams/:id/tasks/:task_id", async (c) => {
    const { id, task_id } = c.req.param();
    const { clip, ...change } = parseTaskMessage(UpdateTaskRequestSchema, await jsonBody(c));
    const task = backend.updateTask(id, task_id, change);
    if (clip && task.state === "running") {
      const allowed = sentence("allowed.clip_of_ended");
      throw new FlyBrowserError("invalid_option", { option: "clip", value: "true", allowed });
    }
    return c.json(clip && task.clip === undefined ? await backend.clipTask(id, task_id) : task);
  });
}
