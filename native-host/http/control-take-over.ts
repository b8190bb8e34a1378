// The routes of the control API by which a program asks a person to take over, or allows it. What the program opens lasts as long as its
// connection: it hears there what the person does, as server-sent events.
import type { Hono } from "hono";
import { PickerSchema, parseHandOffOptions } from "../../protocol/control-messages.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { ControlDesk } from "../stream/control-desk.ts";
import { jsonBody, parsedBody } from "./request-body.ts";
import type { ServerEnv } from "./response.ts";
import { SseChannel, sseMessage } from "./sse.ts";

/** ms between two signs of life: a program that hears none for some time takes the host for lost. */
const HEARTBEAT = 5_000;
/** Bytes that may wait for a program that doesn't read: above it the connection ends, and the hand-off with it. */
const MAX_UNREAD = 1024 * 1024;

/** What the routes ask for. */
export interface TakeOverBackend {
  /** The desk of a stream, and whether one of its links lets a person take over. @throws FlyBrowserError `no_active_stream` */
  controlDesk(stream_id: string): { readonly desk: ControlDesk; readonly has_link: boolean };
}

/** Adds the routes. */
export function addTakeOverRoutes(app: Hono<ServerEnv>, backend: TakeOverBackend): void {
  app.post("/api/streams/:id/control", async (c) => {
    const body = await jsonBody(c);
    const allows = typeof body === "object" && body !== null && Object.keys(body).length === 0;
    const offer = allows ? { reason: null, timeout: null } : parseHandOffOptions(body);
    const { desk, has_link } = backend.controlDesk(c.req.param("id"));
    // Who allows it may make the link later; who asks would wait for nobody.
    if (!allows && !has_link) throw new FlyBrowserError("no_control_link");
    const channel = new SseChannel({ heartbeat: HEARTBEAT, max_unread: MAX_UNREAD });
    const { outgoing } = c.env;
    let waiting = "";
    let begun = false;
    const withdraw = desk.open({
      ...offer,
      tell: ({ name, data }) => {
        const message = sseMessage(name, data);
        if (begun) channel.send(message);
        else waiting += message; // somebody had control before
      },
      close: () => void outgoing.end(),
    });
    begun = true;
    return channel.open(c.env, `: here\n\n${waiting}`, withdraw);
  });
  app.post("/api/streams/:id/control/picker", async (c) => {
    const picker = await parsedBody(c, PickerSchema);
    return c.json({ shown: backend.controlDesk(c.req.param("id")).desk.show(picker) });
  });
  app.delete("/api/streams/:id/control/picker", (c) => {
    backend.controlDesk(c.req.param("id")).desk.show(null);
    return c.json({ shown: false });
  });
}
