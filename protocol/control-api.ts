// The bodies of the control API on 127.0.0.1 and the file by which a program finds it.
// Never holds the viewing paths.
import * as v from "valibot";
import { TabReferenceSchema } from "./native-messages.ts";

/** Schema of `<state_dir>/hosts/<pid>.json`, which a running host keeps, readable by its user alone. */
export const ControlFileSchema = v.object({
  pid: v.number(),
  port: v.number(),
  /** Bearer token. */
  token: v.string(),
  started_at: v.string(),
  host_version: v.string(),
});
/** How a program finds a running host. */
export type ControlFile = v.InferOutput<typeof ControlFileSchema>;

/** Schema of the body of `POST /api/streams`. */
export const StartStreamBodySchema = v.strictObject({
  /** Left out: the tab in front. */
  tab: v.optional(TabReferenceSchema),
  options: v.optional(v.unknown(), {}),
});
