// What `task`, `act` and `agent` can be asked for beside the task itself, and what they give then.
import type { ClipResult } from "../protocol/clips.ts";
import { FlyBrowserError } from "../protocol/errors.ts";

/** Options of `task`, `act` and `agent`. */
export interface TaskOptions {
  /** Nothing of the page is seen or heard meanwhile: as `private(fn)`. */
  readonly private?: boolean;
  /** An MP4 of the task is made as it ends: the call gives a {@link TaskWithClip}. The stream goes on. */
  readonly clip?: boolean;
}

/** What `task`, `act` and `agent` give with `clip: true`. */
export interface TaskWithClip<T> {
  /** What the function gave. */
  readonly result: T;
  /** What `clip()` gives of the task; `null`: there is no file. */
  readonly clip: ClipResult | null;
  /** Why there is no file, `no_active_stream` among the reasons; `null`: there is one. */
  readonly clip_error: FlyBrowserError | null;
}

const NAMES = ["private", "clip"];

/** The options with what is left out. @throws FlyBrowserError `invalid_option`, `unknown_option` */
export function parseTaskOptions(options: TaskOptions): Required<TaskOptions> {
  for (const [option, value] of Object.entries(options)) {
    if (!NAMES.includes(option)) throw new FlyBrowserError("unknown_option", { option, allowed: NAMES.join(", ") });
    if (value !== undefined && typeof value !== "boolean")
      throw new FlyBrowserError("invalid_option", { option, value: String(value), allowed: "true, false" });
  }
  return { private: options.private === true, clip: options.clip === true };
}
