// Who steers the page of one publication: programs that ask a person to take over or allow it, and the one person who has it. Input goes
// from that person to that program, from nobody else, and at no other time.
import type {
  ControlStatus,
  HandOffResult,
  HostMessage,
  Input,
  Picker,
  ProgramEvent,
} from "../../protocol/control-messages.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { say, sentence } from "../../protocol/sentence.ts";
import { partLogger } from "../logging.ts";
import type { TaskStore } from "./task-store.ts";

const log = partLogger("control");

/** What a program opens. */
export interface Offer {
  /** Why it asks; `null`: it allows a take-over at any time. */
  readonly reason: string | null;
  /** s; `null`: as long as the program is there. */
  readonly timeout: number | null;
  /** Where the program hears of it. Nothing comes after `ended`. */
  readonly tell: (event: ProgramEvent) => void;
  /** It is over, with or without an outcome. */
  readonly close: () => void;
}

/** A person with a link that allows control. */
export interface Person {
  readonly link_id: string;
  /** Of the link; `null`: it has none. */
  readonly name: string | null;
  readonly tell: (message: HostMessage) => void;
}

/** What a person can do. */
export interface Seat {
  /** Takes over; nothing happens where somebody else has, or there is nothing to take. */
  take(): void;
  /** Says no to a hand-off that nobody has taken. */
  decline(note: string): void;
  /** Gives it back. */
  done(note: string): void;
  /** Steers. `false`: this person doesn't have control, and nothing happens. */
  input(input: Input): boolean;
  /** Is gone. */
  leave(): void;
}

interface OpenOffer extends Offer {
  /** By `performance.now()`; `null`: never. */
  readonly ends_at: number | null;
  readonly timer: NodeJS.Timeout | null;
  /** The task that says that a person is waited for. */
  readonly task_id: string | null;
}

interface Holder {
  readonly person: Person;
  readonly task_id: string;
  readonly offer: OpenOffer;
}

/** The desk. */
export class ControlDesk {
  readonly #stream_id: string;
  readonly #tasks: TaskStore;
  readonly #onChange: () => void;
  readonly #people = new Set<Person>();
  /** What is asked, and what is allowed. */
  #asked: OpenOffer | null = null;
  #allowed: OpenOffer | null = null;
  #holder: Holder | null = null;

  /** `onChange` is called when {@link status} has changed. */
  constructor(stream_id: string, tasks: TaskStore, onChange: () => void) {
    this.#stream_id = stream_id;
    this.#tasks = tasks;
    this.#onChange = onChange;
  }

  /** What is told of it; `null`: nobody may take over. */
  get status(): ControlStatus | null {
    const offer = this.#offer;
    if (!offer) return null;
    return { state: this.#holder ? "taken" : "open", reason: offer.reason, by: this.holder };
  }

  /** Who has it; `null`: nobody. */
  get holder(): string | null {
    return this.#holder && nameOf(this.#holder.person);
  }

  /**
   * A program asks, or allows. Gives the function by which it ends that without an outcome.
   * @throws FlyBrowserError `hand_off_active`
   */
  open(offer: Offer): () => void {
    if (offer.reason === null ? this.#allowed : this.#asked) throw new FlyBrowserError("hand_off_active");
    const { reason, timeout } = offer;
    // Task lists, playlists and chapters hold plain text.
    const task_id =
      reason === null ? null : this.#tasks.begin({ name: say(sentence("control.asked", { reason })) }).task_id;
    const timer = timeout === null ? null : setTimeout(() => this.#timeUp(), timeout * 1000).unref();
    const ends_at = timeout === null ? null : performance.now() + timeout * 1000;
    const open: OpenOffer = { ...offer, ends_at, timer, task_id };
    // Whoever has it by leave keeps it, and now learns what is wanted.
    const holder = this.#holder;
    if (reason === null) this.#allowed = open;
    else this.#asked = open;
    if (holder && reason !== null) {
      holder.offer.tell({ name: "released", data: {} });
      this.#hand({ ...holder, offer: open });
    }
    log.info("{stream_id}: a person may take over: {reason}", {
      stream_id: this.#stream_id,
      reason: reason ?? "",
    });
    this.#changed();
    return () => this.#withdraw(open);
  }

  /** Somebody with a link that allows control is there. */
  join(person: Person): Seat {
    this.#people.add(person);
    person.tell(this.#stateFor(person));
    const has = () => this.#holder?.person === person;
    return {
      take: () => this.#take(person),
      decline: (note) => {
        if (this.#asked && !this.#holder) this.#finish({ outcome: "declined", note });
      },
      done: (note) => {
        if (has()) this.#done(note);
      },
      input: (data) => {
        if (!has()) return false;
        this.#holder?.offer.tell({ name: "input", data });
        return true;
      },
      leave: () => {
        this.#people.delete(person);
        if (has()) this.#release(say(sentence("control.left")), "failed");
      },
    };
  }

  /**
   * Has whoever has control choose in a control that the page's browser would draw where nobody sees it; `null`: there is none any more.
   * `false`: nobody has control.
   */
  show(picker: Picker | null): boolean {
    this.#holder?.person.tell({ type: "picker", picker });
    return this.#holder !== null;
  }

  /** The stream is over. */
  end(): void {
    for (const offer of [this.#asked, this.#allowed]) if (offer) this.#withdraw(offer);
  }

  get #offer(): OpenOffer | null {
    return this.#asked ?? this.#allowed;
  }

  #take(person: Person): void {
    const offer = this.#offer;
    if (!offer || this.#holder || !this.#people.has(person)) return;
    const name = say(sentence("control.task", { name: nameOf(person) }));
    const { task_id } = this.#tasks.begin({ name, parent_id: offer.task_id });
    this.#hand({ person, task_id, offer });
    log.info("{stream_id}: {link_id} has taken over", { stream_id: this.#stream_id, link_id: person.link_id });
    this.#changed();
  }

  #hand(holder: Holder): void {
    this.#holder = holder;
    const { person, task_id, offer } = holder;
    offer.tell({ name: "taken", data: { by: nameOf(person), link_id: person.link_id, task_id } });
  }

  #done(note: string): void {
    this.#release(note, "done");
    if (this.#asked) this.#finish({ outcome: "done", note });
  }

  #timeUp(): void {
    this.#release(say(sentence("control.time_up")), "failed");
    this.#finish({ outcome: "timeout", note: "" });
  }

  /** The person has it no more. */
  #release(detail: string, state: "done" | "failed"): void {
    const holder = this.#holder;
    if (!holder) return;
    this.#holder = null;
    this.#endTask(holder.task_id, state, detail);
    holder.offer.tell({ name: "released", data: {} });
    const link_id = holder.person.link_id;
    log.info("{stream_id}: {link_id} has given it back", { stream_id: this.#stream_id, link_id });
    this.#changed();
  }

  /** The hand-off has its outcome. */
  #finish(result: HandOffResult): void {
    const offer = this.#asked;
    if (!offer) return;
    this.#asked = null;
    clearTimeout(offer.timer ?? undefined);
    const words = {
      done: result.note,
      declined: result.note || say(sentence("control.declined")),
      timeout: say(sentence("control.time_up")),
    };
    if (offer.task_id)
      this.#endTask(offer.task_id, result.outcome === "done" ? "done" : "failed", words[result.outcome]);
    offer.tell({ name: "ended", data: result });
    offer.close();
    this.#changed();
  }

  /** The program that opened it is gone, or wants it no more. */
  #withdraw(offer: OpenOffer): void {
    if (offer !== this.#asked && offer !== this.#allowed) return;
    if (this.#holder?.offer === offer) this.#release("", "done");
    clearTimeout(offer.timer ?? undefined);
    if (offer.task_id) this.#endTask(offer.task_id, "failed", "");
    if (offer === this.#asked) this.#asked = null;
    else this.#allowed = null;
    offer.close();
    this.#changed();
  }

  #endTask(task_id: string, state: "done" | "failed", detail: string): void {
    // So many tasks may have come since that it isn't kept any more.
    if (this.#tasks.find(task_id)) this.#tasks.update(task_id, { state, ...(detail === "" ? {} : { detail }) });
  }

  #changed(): void {
    for (const person of this.#people) person.tell(this.#stateFor(person));
    this.#onChange();
  }

  #stateFor(person: Person): HostMessage {
    const offer = this.#offer;
    const ends_in = offer?.ends_at == null ? null : Math.max(0, (offer.ends_at - performance.now()) / 1000);
    const free = offer ? "open" : "closed";
    const state = this.#holder ? (this.#holder.person === person ? "yours" : "taken") : free;
    return { type: "control", state, reason: offer?.reason ?? null, ends_in, by: this.holder };
  }
}

function nameOf({ name }: Person): string {
  return name ?? say(sentence("control.person"));
}
