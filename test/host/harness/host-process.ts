// A native host as a browser would have it: started as a process, spoken to over its stdin and stdout in
// Chrome's framing, which is written here a second time on purpose. Plays the extension's part.
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Writable } from "node:stream";
import type * as v from "valibot";
import type { ControlFile } from "../../../protocol/control-api.ts";
import { ExtensionContract, HostContract, type HostInfo, type Tab } from "../../../protocol/native-messages.ts";
import type { StreamInfo } from "../../../protocol/results.ts";
import { type Handlers, type Listeners, Peer } from "../../../protocol/rpc.ts";
import type { Transport } from "../../../protocol/transport.ts";
import { PROTOCOL_VERSION } from "../../../protocol/version.ts";
import { until } from "./processes.ts";

const ROOT = join(import.meta.dirname, "../../..");
const BUILT = join(ROOT, "dist/native-host/main.js");
const SOURCE = join(ROOT, "native-host/main.ts");

type HostEvents = typeof HostContract.events;
/** An event of the host, with its name. */
export type HostEvent = {
  [E in keyof HostEvents]: { readonly event: E; readonly params: v.InferOutput<HostEvents[E]> };
}[keyof HostEvents];

/** How a host is started. */
export interface HostProcessOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Shared by hosts that follow each other; by default a fresh one, removed at the end. */
  readonly state_dir?: string;
  /** Program and arguments that run the host's command: with a limit, in a namespace. */
  readonly under?: readonly string[];
  /** What the extension would answer. */
  readonly handlers?: Partial<Handlers<typeof ExtensionContract>>;
}

/** Node's arguments that start the host: the built one where FLYBROWSER_TEST_BUILT says so, else the sources. */
function command(): string[] {
  return process.env.FLYBROWSER_TEST_BUILT && existsSync(BUILT) ? [BUILT] : ["--import", "tsx", SOURCE];
}

const refuse = (): never => {
  throw new Error("this test has no answer to that");
};

const refuseAll = {
  ...{
    listTabs: refuse,
    admitTab: refuse,
    showNotice: refuse,
    setQuality: refuse,
    startStream: refuse,
    stopStream: refuse,
    startRecording: refuse,
    stopRecording: refuse,
  },
  ...{ openPublisher: refuse, answerPublisher: refuse, closePublisher: refuse },
  ...{ addDestination: refuse, removeDestination: refuse, beginPrivate: refuse, endPrivate: refuse },
  ...{ openRelay: refuse, answerRelay: refuse, closeRelay: refuse },
  ...{ openViewer: refuse, addViewerCandidates: refuse, closeViewer: refuse },
};

/** One host under test. */
export class HostProcess {
  readonly events: HostEvent[] = [];
  readonly state_dir: string;
  readonly peer: Peer<typeof ExtensionContract, typeof HostContract>;
  readonly #child: ChildProcess;
  readonly #ownsState: boolean;
  #stderr = "";

  constructor(options: HostProcessOptions = {}) {
    this.#ownsState = options.state_dir === undefined;
    this.state_dir = options.state_dir ?? mkdtempSync(join(tmpdir(), "flybrowser-host-"));
    const env = { ...process.env, FLYBROWSER_STATE_DIR: this.state_dir, ...options.env };
    const [program, ...args] = [...(options.under ?? []), process.execPath, ...command()];
    this.#child = spawn(program as string, args, { cwd: ROOT, env, stdio: "pipe" });
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr += text;
    });
    const listen = <E extends keyof HostEvents>(event: E) => {
      return (params: v.InferOutput<HostEvents[E]>) => this.events.push({ event, params } as HostEvent);
    };
    this.peer = new Peer({
      transport: childTransport(this.#child),
      local: ExtensionContract,
      remote: HostContract,
      handlers: { ...refuseAll, ...options.handlers },
      listeners: {
        chunk_accepted: listen("chunk_accepted"),
        stream_status: listen("stream_status"),
        stream_failed: listen("stream_failed"),
        run_needed: listen("run_needed"),
        recording_changed: listen("recording_changed"),
        links_changed: listen("links_changed"),
        holes_changed: listen("holes_changed"),
        sharing_changed: listen("sharing_changed"),
      } satisfies Listeners<typeof HostContract>,
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** What the host wrote to its log. */
  get log(): string {
    return this.#stderr;
  }

  /** Exit status, or the signal's name; `null` while it runs. */
  get exit(): number | string | null {
    return this.#child.exitCode ?? this.#child.signalCode;
  }

  /** The control file, if it is there. */
  get control_file(): ControlFile | null {
    const path = join(this.state_dir, "hosts", `${this.pid}.json`);
    return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as ControlFile) : null;
  }

  hello(
    preferred_port: number | null = null,
    protocol_version: number = PROTOCOL_VERSION,
    resumes: string[] = [],
    streams: StreamInfo[] = [],
    continues: string | null = null,
  ): Promise<HostInfo> {
    return this.peer.call("hello", {
      protocol_version,
      extension_version: "0.0.0",
      user_agent: "test",
      ...{ preferred_port, continues },
      ...{ resumes, streams },
    });
  }

  /** Writes bytes to stdin as they are, past all framing. */
  writeRaw(bytes: Uint8Array): void {
    this.#child.stdin?.write(bytes);
  }

  /** What the browser does when it ends or the service worker dies. */
  hangUp(): void {
    this.#child.stdin?.end();
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  /** Waits for the process to end; gives its exit status or signal. */
  ended(within = 2_000): Promise<number | string> {
    return until("the host to end", () => (this.exit === null ? null : { exit: this.exit }), within).then(
      ({ exit }) => exit,
    );
  }

  /** All events of one kind so far. */
  heard<E extends HostEvent["event"]>(event: E): Extract<HostEvent, { event: E }>["params"][] {
    return this.events.flatMap((heard) => (heard.event === event ? [heard.params] : [])) as never;
  }

  /** Ends the host if it still runs, and removes what it left. */
  async close(): Promise<void> {
    if (this.exit === null) this.hangUp();
    await this.ended(5_000).finally(() => this.#child.kill("SIGKILL"));
    if (this.#ownsState) rmSync(this.state_dir, { recursive: true, force: true });
  }
}

/** A tab as the extension names it. */
export const TAB: Tab = {
  tab_id: 1,
  target_id: null,
  url: "https://ada:password@example.com/reset?token=secret#key",
  title: "Example",
  not_capturable: null,
  stream_id: null,
};

function childTransport(child: ChildProcess): Transport {
  let receive: (message: unknown) => void = () => {};
  let waiting = Buffer.alloc(0);
  child.stdout?.on("data", (piece: Buffer) => {
    waiting = Buffer.concat([waiting, piece]);
    while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUInt32LE(0)) {
      const end = 4 + waiting.readUInt32LE(0);
      const message: unknown = JSON.parse(waiting.subarray(4, end).toString("utf8"));
      waiting = waiting.subarray(end);
      receive(message);
    }
  });
  const input = child.stdin as Writable;
  input.on("error", () => {});
  return {
    send(message) {
      const json = Buffer.from(JSON.stringify(message));
      const header = Buffer.alloc(4);
      header.writeUInt32LE(json.length);
      if (input.writable) input.write(Buffer.concat([header, json]));
    },
    onMessage(listener) {
      receive = listener;
    },
    onClose(closed) {
      child.on("close", () => closed("the host has ended"));
    },
    close() {
      input.end();
    },
  };
}
