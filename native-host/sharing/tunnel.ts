// One running tunnel: the program is started, its address waited for, and it is ended with the last stream that needs it.
import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { Emitter } from "../../protocol/emitter.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { sentence, type Words } from "../../protocol/sentence.ts";
import { partLogger } from "../logging.ts";
import { spawnGuarded, TERM_GRACE } from "./tunnel-guard.ts";
import type { InstalledTunnel, TunnelLine } from "./tunnel-programs.ts";

/** Characters of a line that are kept. */
const MAX_LINE = 300;

const log = partLogger("tunnel");

/** How a tunnel is opened. */
export interface TunnelOptions {
  readonly installed: InstalledTunnel;
  /** Of the host's server on 127.0.0.1. */
  readonly port: number;
  /** ms in which it must have an address. */
  readonly within: number;
  readonly spawn?: (path: string, args: readonly string[]) => ChildProcess;
}

/** A tunnel. */
export class Tunnel {
  readonly #options: TunnelOptions;
  readonly #child: ChildProcess;
  readonly #lost = new Emitter();
  /** Of the program that is guarded. */
  #pid: number | undefined;
  #url: string | null = null;
  #ready = false;
  /** The last thing that it complained of. */
  #complaint: string | null = null;
  #closing: Promise<void> | null = null;
  readonly #exited: Promise<string>;
  #settle: (failure: Words | null) => void = () => {};
  readonly #opened: Promise<Words | null>;

  private constructor(options: TunnelOptions) {
    this.#options = options;
    const { path, program } = options.installed;
    this.#child = (options.spawn ?? spawnGuarded)(path, program.args(options.port));
    this.#opened = new Promise((resolve) => {
      this.#settle = resolve;
    });
    for (const output of [this.#child.stdout, this.#child.stderr]) {
      createInterface({ input: output as Readable }).on("line", (line) => this.#heard(program.read(line)));
    }
    this.#child.on("message", (message) => {
      this.#pid = (message as { pid?: number }).pid;
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once("error", (error) => resolve(error.message));
      this.#child.once("exit", (code, signal) => resolve(String(signal ?? code)));
    });
    void this.#exited.then((status) => this.#ended(status));
  }

  /**
   * Opens a tunnel; resolves once it has an address.
   * @throws FlyBrowserError `share_unavailable` with what the program said
   */
  static async open(options: TunnelOptions): Promise<Tunnel> {
    const tunnel = new Tunnel(options);
    const seconds = options.within / 1000;
    const timer = setTimeout(() => tunnel.#settle(tunnel.#silent(seconds)), options.within);
    const failure = await tunnel.#opened;
    clearTimeout(timer);
    if (failure === null) return tunnel;
    await tunnel.close();
    const { name: program } = options.installed.program;
    throw new FlyBrowserError("share_unavailable", {
      whom: sentence("share.internet"),
      reason: sentence("share.tunnel_failed", { program, reason: failure }),
      advice: sentence("share.check_tunnel", { program }),
    });
  }

  /** Beginning of all links by it, without a slash at the end. */
  get url(): string {
    return this.#url ?? "";
  }

  /** Name of the program. */
  get program(): string {
    return this.#options.installed.program.name;
  }

  /** Calls `listener` when the program has ended by itself. */
  onLost(listener: () => void): void {
    this.#lost.on(listener);
  }

  /** Ends the program; resolves when it is gone. Idempotent. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#child.kill("SIGTERM");
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), 2 * TERM_GRACE);
    await this.#exited;
    clearTimeout(timer);
  }

  #heard({ url, ready, error, fatal }: TunnelLine): void {
    if (url !== undefined) this.#url = url;
    if (ready) this.#ready = true;
    if (error !== undefined) this.#complaint = error.slice(0, MAX_LINE);
    if (fatal) this.#settle(this.#complaint ?? "");
    if (this.#ready && this.#url !== null) this.#settle(null);
  }

  #silent(seconds: number): Words {
    const line = this.#complaint;
    return line === null
      ? sentence("share.tunnel_silent", { seconds })
      : sentence("share.tunnel_silent_said", { seconds, line });
  }

  #ended(status: string): void {
    // The guard may have been killed, and the program goes on.
    if (this.#pid !== undefined) endQuietly(this.#pid);
    const line = this.#complaint;
    this.#settle(
      line === null ? sentence("share.tunnel_exited", { status }) : sentence("share.tunnel_said", { status, line }),
    );
    log.info("{program} has ended ({status})", { program: this.program, status });
    if (this.#closing === null) this.#lost.emit();
  }
}

function endQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It has ended.
  }
}
