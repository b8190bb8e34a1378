// A live stream for the tests of the server: a real packager, a state that a test may change.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { getLogger } from "@logtape/logtape";
import { expect } from "vitest";
import { type LiveStream, LiveStreams } from "../../../../native-host/http/live-streams.ts";
import { createHttpServer, type HttpServer } from "../../../../native-host/http/server.ts";
import { originNow, StreamClock } from "../../../../native-host/media/stream-clock.ts";
import type { Packager } from "../../../../native-host/packager/packager.ts";
import { Links } from "../../../../native-host/stream/links.ts";
import { letsIn } from "../../../../native-host/stream/sharing.ts";
import { TaskStore } from "../../../../native-host/stream/task-store.ts";
import { Emitter } from "../../../../protocol/emitter.ts";
import type { Share } from "../../../../protocol/options.ts";
import type { PlayerState } from "../../../../protocol/player-messages.ts";
import { makePackager, STARTED_AT } from "../packager/media.ts";

export const TOKEN = "dG9rZW4tb2YtdGhlLXRlc3Rz";

/** A stream whose state is whatever the test says. */
export class TestStream implements LiveStream {
  readonly stream_id: string;
  readonly links: Links;
  readonly packager: Packager;
  readonly base = "http://127.0.0.1:1";
  share: Share = "this-computer";
  rungs: LiveStream["rungs"] = null;
  readonly clock = new StreamClock(originNow());
  readonly tasks: TaskStore;
  readonly #changes = new Emitter();
  #word: PlayerState["state"] = "active";

  constructor(stream_id = "one", packager = makePackager()) {
    this.stream_id = stream_id;
    this.packager = packager;
    const identity = { stream_id, view_token: TOKEN, ...originNow(), published_at: null, generation: 0 };
    this.links = new Links(identity, this.clock);
    this.tasks = new TaskStore(stream_id, this.clock);
  }

  admits(from: Share): boolean {
    return letsIn(this.share, from);
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
      codec: "h264",
      viewing: ["ll-hls", "hls"],
      urls: { hls: "index.m3u8", dash: null, whep: null, live: null },
    };
  }

  onChange(listener: () => void): () => void {
    return this.#changes.on(listener);
  }

  /** Moves the state and tells the listeners. */
  become(state: PlayerState["state"]): void {
    this.#word = state;
    this.#changes.emit();
  }
}

/** A running server with its streams. */
export interface TestServer {
  readonly server: HttpServer;
  readonly streams: LiveStreams;
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  close(): Promise<void>;
}

/** Starts a server on a free port. */
export async function startServer(player_directory = "/nonexistent", grace = 30_000): Promise<TestServer> {
  const streams = new LiveStreams(grace);
  const server = createHttpServer({ streams, player_directory, log: getLogger(["test", "http"]) });
  const port = await server.listen({ port: 0 });
  const close = async (): Promise<void> => {
    streams.close();
    await server.close();
  };
  return { server, streams, port, origin: `http://127.0.0.1:${port}`, close };
}

/** Reads all of a playlist or MPD with FFmpeg, decoding it: frames of video, seconds of audio. */
export async function decode(url: string, options: readonly string[] = []): Promise<{ video: number; audio: number }> {
  const entries = "stream=codec_type,nb_read_frames";
  const args = ["-v", "error", "-count_frames", "-show_entries", entries, "-of", "json", ...options, url];
  const { stdout, stderr } = await promisify(execFile)("ffprobe", args, { timeout: 30_000 });
  expect(stderr).toBe("");
  const { streams } = JSON.parse(stdout) as { streams: { codec_type: string; nb_read_frames: string }[] };
  const frames = (type: string) => Number(streams.find(({ codec_type }) => codec_type === type)?.nb_read_frames);
  return { video: frames("video"), audio: (frames("audio") * 1024) / 48_000 };
}
