// Persons who take over the page of a FlyBrowser: asks them, or allows it while a stream lives, and carries out what they do.
import { Deadline, sleep } from "../protocol/async.ts";
import type { HandOffResult, Picker, ProgramEvent, ResolvedHandOffOptions } from "../protocol/control-messages.ts";
import { FlyBrowserError } from "../protocol/errors.ts";
import { sentence } from "../protocol/sentence.ts";
import type { ControlClient } from "./control-client.ts";
import { DialogHand, type DialogHandOptions } from "./dialog-hand.ts";
import { type AnyPage, targetIdOf } from "./page-target.ts";
import { RemoteInput } from "./remote-input.ts";

/** As much of a {@link ControlClient} as this uses. */
type Client = Pick<ControlClient, "getStreamStatus" | "listTabs" | "openControl" | "showPicker" | "hidePicker">;

/** What it works with. */
export interface PageControlOptions {
  readonly page: AnyPage;
  /** Where a stream may go along to; none while it doesn't. */
  readonly others: () => readonly AnyPage[];
  readonly host: () => Promise<Client>;
  /** The dialogs of a page; `null`: nothing is known of them. */
  readonly dialogsOf: (page: AnyPage) => DialogHandOptions["dialogs"] | null;
  readonly isPrivate: () => boolean;
}

/** ms between two looks at which page is seen, while a person steers, and for the next host. */
const LOOK_INTERVAL = 500;
/** ms after which a stream that no host has is taken to be over. */
const NEXT_HOST_WITHIN = 20_000;

/** The page that is steered. */
interface Hand {
  readonly page: AnyPage;
  readonly input: RemoteInput;
  readonly dialogs: DialogHand | null;
  readonly looked_at: number;
}

/** A connection by which a take-over is asked for or allowed. */
interface Opened {
  readonly host: Client;
  readonly events: AsyncIterable<ProgramEvent>;
}

/** Take-overs of one page. */
export class PageControl {
  readonly #options: PageControlOptions;
  #allowing: AbortController | null = null;

  constructor(options: PageControlOptions) {
    this.#options = options;
  }

  /** Asks a person; resolves when it is over. @throws FlyBrowserError `no_control_link`, `hand_off_active`, `no_active_stream`, `host_lost` */
  async handOff(stream_id: string, options: ResolvedHandOffOptions, signal: AbortSignal): Promise<HandOffResult> {
    const opened = await this.#open(stream_id, options, signal);
    const result = await this.#serve(stream_id, opened).catch(() => null);
    if (result) return result;
    signal.throwIfAborted();
    const { active } = await opened.host.getStreamStatus(stream_id);
    if (!active) throw new FlyBrowserError("no_active_stream");
    throw new FlyBrowserError("host_lost", { reason: sentence("host.no_control_api") });
  }

  /** Whoever has a link for it may take over from now on, by whichever host, until {@link forbid} or the stream's end. */
  async allow(stream_id: string): Promise<void> {
    this.forbid();
    const allowing = new AbortController();
    this.#allowing = allowing;
    const opened = await this.#open(stream_id, {}, allowing.signal);
    void this.#goOn(stream_id, opened, allowing.signal).catch(() => {}); // the stream is over, and the leave with it
  }

  /** Nobody may any more. Idempotent. */
  forbid(): void {
    this.#allowing?.abort();
    this.#allowing = null;
  }

  /** Allows it again by the next host, where one has died. Throws once the stream is over, or isn't there in time. */
  async #goOn(stream_id: string, first: Opened, signal: AbortSignal): Promise<void> {
    for (let opened = first; !signal.aborted; ) {
      await this.#serve(stream_id, opened).catch(() => null);
      for (const deadline = new Deadline(NEXT_HOST_WITHIN); ; await sleep(LOOK_INTERVAL)) {
        signal.throwIfAborted();
        try {
          opened = await this.#open(stream_id, {}, signal);
          break;
        } catch (thrown) {
          // Of a host that lives on it is the last word; the next one may only be about to have the stream.
          if (deadline.passed || (await this.#options.host()) === opened.host) throw thrown;
        }
      }
    }
  }

  async #open(stream_id: string, body: object, signal: AbortSignal): Promise<Opened> {
    const host = await this.#options.host();
    return { host, events: await host.openControl(stream_id, body, signal) };
  }

  /** `null`: the connection has ended without a result. */
  async #serve(stream_id: string, { host, events }: Opened): Promise<HandOffResult | null> {
    const held: { hand: Hand | null } = { hand: null };
    let pickers = 0;
    const nextId = () => ++pickers;
    const show = async (picker: Omit<Picker, "picker_id">) => {
      const picker_id = nextId();
      return (await host.showPicker(stream_id, { picker_id, ...picker })).shown ? picker_id : null;
    };
    const take = (page: AnyPage) => {
      const dialogs = this.#options.dialogsOf(page);
      const showDialog = (dialog: Picker | null) =>
        dialog ? host.showPicker(stream_id, dialog) : host.hidePicker(stream_id);
      const { isPrivate } = this.#options;
      return {
        input: new RemoteInput(page, show),
        dialogs: dialogs && new DialogHand({ page, dialogs, isPrivate, nextId, show: showDialog }),
      };
    };
    const release = async () => {
      await held.hand?.dialogs?.close(); // before it, nothing else is taken by the page
      await held.hand?.input.close();
      held.hand = null;
    };
    try {
      for await (const event of events) {
        if (event.name === "ended") return event.data;
        if (event.name === "released") await release();
        if (event.name !== "taken" && event.name !== "input") continue;
        if (!held.hand || performance.now() - held.hand.looked_at > LOOK_INTERVAL) {
          const page = await this.#shownPage(stream_id, host);
          if (held.hand && held.hand.page !== page) await release();
          held.hand = { ...(held.hand ?? { page, ...take(page) }), looked_at: performance.now() };
        }
        if (event.name !== "input") continue;
        const { data } = event;
        if (data.type !== "picked" || !held.hand.dialogs?.answer(data.picker_id, data.value))
          held.hand.input.take(data);
      }
      return null;
    } finally {
      await release();
    }
  }

  /** The page that viewers see now, which a stream that goes along may have changed. */
  async #shownPage(stream_id: string, host: Client): Promise<AnyPage> {
    const { page, others } = this.#options;
    const all = [page, ...others()].filter((each) => !each.isClosed());
    if (all.length < 2) return all[0] ?? page;
    const shown = (await host.listTabs().catch(() => [])).find((tab) => tab.stream_id === stream_id)?.target_id;
    const ids = await Promise.all(all.map((each) => targetIdOf(each).catch(() => null)));
    return all[ids.indexOf(shown ?? null)] ?? page;
  }
}
