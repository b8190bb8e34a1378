// A stream for the tests of the server: a real packager, a state that a test may change.
import { getLogger } from "@logtape/logtape";
import { createHttpServer, type HttpServer } from "../../../../native-host/http/server.ts";
import { StreamShelf } from "../../../../native-host/http/stream-shelf.ts";
import type { ViewableStream } from "../../../../native-host/http/viewing.ts";
import type { Packager } from "../../../../native-host/packager/packager.ts";
import { TaskStore } from "../../../../native-host/stream/task-store.ts";
import type { PlayerState } from "../../../../protocol/player-messages.ts";
import { makePackager, STARTED_AT } from "../packager/media.ts";

export const TOKEN = "dG9rZW4tb2YtdGhlLXRlc3Rz";

/** A stream whose state is whatever the test says. */
export class TestStream implements ViewableStream {
  readonly stream_id: string;
  readonly view_token = TOKEN;
  readonly packager: Packager;
  readonly tasks: TaskStore;
  readonly #listeners = new Set<() => void>();
  #word: PlayerState["state"] = "active";

  constructor(stream_id = "one", packager = makePackager()) {
    this.stream_id = stream_id;
    this.packager = packager;
    this.tasks = new TaskStore(stream_id);
  }

  state(): PlayerState {
    return {
      state: this.#word,
      stream_id: this.stream_id,
      protocol: "hls",
      quality: "high",
      width: 320,
      height: 180,
      frame_rate: 30,
      started_at: new Date(STARTED_AT).toISOString(),
      has_audio: true,
      viewing: ["ll-hls", "hls"],
      urls: { hls: "index.m3u8", dash: null, whep: null },
    };
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Moves the state and tells the listeners. */
  become(state: PlayerState["state"]): void {
    this.#word = state;
    for (const listener of this.#listeners) listener();
  }
}

/** A running server with its shelf. */
export interface TestServer {
  readonly server: HttpServer;
  readonly shelf: StreamShelf;
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  close(): Promise<void>;
}

/** Starts a server on a free port. */
export async function startServer(player_directory = "/nonexistent", grace = 30_000): Promise<TestServer> {
  const shelf = new StreamShelf(grace);
  const server = createHttpServer({ lookup: shelf, player_directory, log: getLogger(["test", "http"]) });
  const port = await server.listen({ port: 0 });
  const close = async (): Promise<void> => {
    shelf.close();
    await server.close();
  };
  return { server, shelf, port, origin: `http://127.0.0.1:${port}`, close };
}
