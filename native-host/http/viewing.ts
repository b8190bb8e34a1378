// What the viewing side of HTTP needs to know of a stream: the interface that the stream implements.
// Never holds a stream, and never changes one.
import type { PlayerState } from "../../protocol/player-messages.ts";
import type { Task } from "../../protocol/results.ts";
import type { TaskEvent } from "../../protocol/task-messages.ts";
import type { Packager } from "../packager/packager.ts";

/** A stream as viewers see it. */
export interface ViewableStream {
  readonly stream_id: string;
  /** The secret part of the viewing address. */
  readonly view_token: string;
  readonly packager: Packager;
  /** What the agent does. */
  readonly tasks: ViewableTasks;
  /** The state for the player as of now; cheap, called for each viewer. */
  state(): PlayerState;
  /** Calls `listener` when {@link state} has changed (not for each part); gives the function that ends this. */
  onChange(listener: () => void): () => void;
}

/** The tasks of a stream as viewers see them. */
export interface ViewableTasks {
  /** All that are kept, oldest first. */
  list(): Task[];
  /** Calls `listener` with each task that begins, changes or ends; gives the function that ends this. */
  onChange(listener: (event: TaskEvent) => void): () => void;
}

/** Where the viewing side finds streams. */
export interface StreamLookup {
  /** The stream that is live under this id, or ended less than 30 s ago (see StreamShelf). */
  get(stream_id: string): ViewableStream | undefined;
}
