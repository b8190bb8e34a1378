// Which sites the user has paired or turned away. `always` and `never` in storage.local, `once` (a tab's lifetime)
// in storage.session, and whether sites may ask at all. Never asks the user.
import * as v from "valibot";
import browser from "webextension-polyfill";
import { type Decision, type Pairing, PairingSchema, type PairingScope } from "../../protocol/page-messages.ts";
import { SerialQueue } from "./serial-queue.ts";

const PAIRINGS = "pairings";
const MAY_ASK = "pages_may_ask";

type Area = "local" | "session";

/** Keeps the pairings. */
export class PairingStore {
  readonly #writes = new SerialQueue();
  readonly #onChange: () => void;

  /** `onChange` is called when anything was written. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** All that is remembered, the newest first. */
  async list(): Promise<Pairing[]> {
    const [lasting, passing] = await Promise.all([this.#read("local"), this.#read("session")]);
    return [...lasting, ...passing].sort((a, b) => b.since.localeCompare(a.since));
  }

  /** What holds for a site in a tab, or an extension (`tab_id` null); `null`: never asked. */
  async decision(origin: string, tab_id: number | null): Promise<Decision | null> {
    const [lasting, passing] = await Promise.all([this.#read("local"), this.#read("session")]);
    const found =
      lasting.find((pairing) => pairing.origin === origin) ??
      passing.find((pairing) => pairing.origin === origin && pairing.tab_id === tab_id);
    return found?.decision ?? null;
  }

  /** The same when it is a yes; `null`: it isn't paired. */
  async scope(origin: string, tab_id: number | null): Promise<PairingScope | null> {
    const decision = await this.decision(origin, tab_id);
    return decision === "never" ? null : decision;
  }

  /** Remembers an answer; it replaces what was remembered of this site (`once`: in this tab). */
  async remember(origin: string, tab_id: number | null, decision: Decision): Promise<void> {
    const since = new Date().toISOString();
    if (decision === "once") {
      await this.#write("session", (pairings) => [
        ...pairings.filter((pairing) => pairing.origin !== origin || pairing.tab_id !== tab_id),
        { origin, decision, since, tab_id },
      ]);
      return;
    }
    await this.#write("session", (pairings) => pairings.filter((pairing) => pairing.origin !== origin));
    await this.#write("local", (pairings) => [
      ...pairings.filter((pairing) => pairing.origin !== origin),
      { origin, decision, since, tab_id: null },
    ]);
  }

  /** Forgets everything about a site. */
  async forget(origin: string): Promise<void> {
    const others = (pairings: Pairing[]) => pairings.filter((pairing) => pairing.origin !== origin);
    await Promise.all([this.#write("local", others), this.#write("session", others)]);
  }

  /** A tab was closed: what was allowed for its lifetime ends. */
  async tabRemoved(tab_id: number): Promise<void> {
    if (!(await this.#read("session")).some((pairing) => pairing.tab_id === tab_id)) return;
    await this.#write("session", (pairings) => pairings.filter((pairing) => pairing.tab_id !== tab_id));
  }

  /** Whether sites may ask; yes until the user says no. */
  async mayAsk(): Promise<boolean> {
    return (await browser.storage.local.get(MAY_ASK))[MAY_ASK] !== false;
  }

  /** Remembers whether sites may ask. */
  async setMayAsk(may_ask: boolean): Promise<void> {
    await browser.storage.local.set({ [MAY_ASK]: may_ask });
    this.#onChange();
  }

  async #read(area: Area): Promise<Pairing[]> {
    const stored: unknown = (await browser.storage[area].get(PAIRINGS))[PAIRINGS];
    const parsed = v.safeParse(v.array(PairingSchema), stored ?? []);
    return parsed.success ? parsed.output : [];
  }

  async #write(area: Area, change: (pairings: Pairing[]) => Pairing[]): Promise<void> {
    await this.#writes.run(async () => browser.storage[area].set({ [PAIRINGS]: change(await this.#read(area)) }));
    this.#onChange();
  }
}
