// Whether the host stays while nothing runs, so that programs on this computer find it: in a browser that a program started
// always, in a person's own where its user has switched that on. Never starts a stream.
import { loadPrograms, savePrograms } from "./settings.ts";

/** The part of the host's connection that is used. */
export interface KeptHost {
  stayConnected(wanted: () => boolean): Promise<void>;
  close(): void;
}

/** What a {@link HostKeeper} needs. */
export interface HostKeeperOptions {
  readonly host: KeptHost;
  /** A program started this browser. */
  readonly automation: boolean;
  /** Called when nobody wants the host to stay any more: it may go if nothing runs. */
  readonly onRelease: () => void;
}

/** Keeps the host, or lets it go. */
export class HostKeeper {
  readonly #options: HostKeeperOptions;
  #programs = false;

  constructor(options: HostKeeperOptions) {
    this.#options = options;
  }

  /** Whether the user has switched it on. */
  get programs(): boolean {
    return this.#programs;
  }

  get #kept(): boolean {
    return this.#options.automation || this.#programs;
  }

  /** Reads what the user chose, and connects where the host is to stay. */
  async begin(): Promise<void> {
    this.#programs = await loadPrograms();
    this.stay();
  }

  /** Connects again where the host is to stay; called when it was lost. */
  stay(): void {
    if (this.#kept) void this.#options.host.stayConnected(() => this.#kept);
  }

  /** Nothing runs any more. */
  idle(): void {
    if (!this.#kept) this.#options.host.close();
  }

  /** The user's choice. */
  async setPrograms(programs: boolean): Promise<void> {
    await savePrograms(programs);
    this.#programs = programs;
    this.stay();
    if (!this.#kept) this.#options.onRelease();
  }
}
