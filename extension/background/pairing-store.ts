// Which sites the user has paired or turned away: `always` and `never` on the disk, `once` (a tab's lifetime) in memory, and
// whether sites may ask at all.
import * as v from "valibot";
import { type Decision, type Pairing, PairingSchema, type PairingScope } from "../../protocol/page-messages.ts";
import { StoredValue } from "./storage.ts";

/** What the user has answered. */
export class PairingStore {
  readonly #lasting = new StoredValue("local", "pairings", v.array(PairingSchema), []);
  readonly #passing = new StoredValue("session", "pairings", v.array(PairingSchema), []);
  readonly #mayAsk = new StoredValue("local", "pages_may_ask", v.boolean(), true);
  readonly #onChange: () => void;

  /** `onChange` is called when anything was written. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** All that is remembered, the newest first. */
  async list(): Promise<Pairing[]> {
    const all = await Promise.all([this.#lasting.load(), this.#passing.load()]);
    return all.flat().sort((a, b) => b.since.localeCompare(a.since));
  }

  /** What holds for a site in a tab, or an extension (`tab_id` null); `null`: never asked. */
  async decision(origin: string, tab_id: number | null): Promise<Decision | null> {
    const [lasting, passing] = await Promise.all([this.#lasting.load(), this.#passing.load()]);
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
    const once = decision === "once";
    const pairing = { origin, decision, since: new Date().toISOString(), tab_id: once ? tab_id : null };
    await this.#passing.update((pairings) => [
      ...pairings.filter((other) => other.origin !== origin || (once && other.tab_id !== tab_id)),
      ...(once ? [pairing] : []),
    ]);
    if (!once) {
      await this.#lasting.update((pairings) => [...pairings.filter((other) => other.origin !== origin), pairing]);
    }
    this.#onChange();
  }

  /** Forgets everything about a site. */
  async forget(origin: string): Promise<void> {
    const others = (pairings: Pairing[]) => pairings.filter((pairing) => pairing.origin !== origin);
    await Promise.all([this.#lasting.update(others), this.#passing.update(others)]);
    this.#onChange();
  }

  /** A tab was closed: what was allowed for its lifetime ends. */
  async tabRemoved(tab_id: number): Promise<void> {
    if (!(await this.#passing.load()).some((pairing) => pairing.tab_id === tab_id)) return;
    await this.#passing.update((pairings) => pairings.filter((pairing) => pairing.tab_id !== tab_id));
    this.#onChange();
  }

  /** Whether sites may ask; yes until the user says no. */
  mayAsk(): Promise<boolean> {
    return this.#mayAsk.load();
  }

  /** Remembers whether sites may ask. */
  async setMayAsk(may_ask: boolean): Promise<void> {
    await this.#mayAsk.save(may_ask);
    this.#onChange();
  }
}
