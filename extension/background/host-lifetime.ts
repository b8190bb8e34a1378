// How long the host lives: while something needs it, a while longer, and for good where programs are to find it: in a browser
// that a program started, or where its user has switched that on.
import type { HostConnection } from "./host-connection.ts";

/** What {@link HostLifetime} works with. */
export interface HostLifetimeDependencies {
  readonly host: Pick<HostConnection, "stayConnected" | "close" | "info">;
  /** A program started this browser. */
  readonly automation: boolean;
  /** The user's choice: whether programs find the host at any time. */
  readonly programs: { load(): Promise<boolean>; save(programs: boolean): Promise<void> };
  /** Whether something runs that needs the host. */
  readonly isNeeded: () => boolean;
  /** Called when nothing has been needed for {@link IDLE_AFTER}. */
  readonly onIdle: () => void;
}

/** ms without any need after which the host ends, at the least: it may want to show a stream that has ended for longer. */
const IDLE_AFTER = 30_000;

/** Keeps the host, or lets it go. */
export class HostLifetime {
  readonly #deps: HostLifetimeDependencies;
  #programs = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(dependencies: HostLifetimeDependencies) {
    this.#deps = dependencies;
  }

  /** Whether the user lets programs find the host at any time. */
  get programs(): boolean {
    return this.#programs;
  }

  /** Reads what the user chose, and connects where the host is to stay. */
  async begin(): Promise<void> {
    this.#programs = await this.#deps.programs.load();
    this.stay();
  }

  /** Connects again where the host is to stay; to be called when it was lost. */
  stay(): void {
    if (this.#stays()) void this.#deps.host.stayConnected(() => this.#stays());
  }

  /** To be called whenever what is needed may have changed. */
  check(): void {
    const { isNeeded, onIdle, host } = this.#deps;
    if (isNeeded()) {
      clearTimeout(this.#timer);
      this.#timer = undefined;
      return;
    }
    this.#timer ??= setTimeout(
      () => {
        this.#timer = undefined;
        if (isNeeded()) return;
        onIdle();
        if (!this.#stays()) host.close();
      },
      Math.max(IDLE_AFTER, (host.info?.ended_seconds ?? 0) * 1000),
    );
  }

  /** Takes the user's choice. */
  async setPrograms(programs: boolean): Promise<void> {
    await this.#deps.programs.save(programs);
    this.#programs = programs;
    this.stay();
    if (!this.#stays()) this.check();
  }

  #stays(): boolean {
    return this.#deps.automation || this.#programs;
  }
}
