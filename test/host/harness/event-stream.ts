// Reads server-sent events as a program does, and waits for one of them. Never connects again by itself.

/** One event. */
export interface ReceivedEvent {
  readonly id: string;
  readonly event: string;
  readonly data: unknown;
}

/** An open event stream. */
export class EventStream {
  readonly all: ReceivedEvent[] = [];
  /** Resolves with the first bytes. */
  readonly opened: Promise<void>;
  readonly #abort = new AbortController();
  readonly #waiting = new Set<() => void>();

  constructor(url: string, headers: Record<string, string> = {}) {
    let open: () => void = () => {};
    this.opened = new Promise((resolve) => {
      open = resolve;
    });
    this.#read(url, headers, open).catch(() => {}); // closed, by one side or the other
  }

  /** The first event, past or to come, that `test` holds for. Fails after `timeout` ms. */
  until(test: (event: ReceivedEvent) => boolean, timeout = 10_000): Promise<ReceivedEvent> {
    return new Promise((resolve, reject) => {
      const look = () => {
        const found = this.all.find(test);
        if (!found) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        reject(new Error(`no such event within ${timeout} ms, but ${JSON.stringify(this.all).slice(0, 2000)}`));
      }, timeout);
      this.#waiting.add(look);
      look();
    });
  }

  close(): void {
    this.#abort.abort();
  }

  async #read(url: string, headers: Record<string, string>, open: () => void): Promise<void> {
    const answer = await fetch(url, { headers, signal: this.#abort.signal });
    if (!answer.ok || !answer.body) throw new Error(`${url} answered ${answer.status}`);
    let text = "";
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      open();
      text += piece;
      const blocks = text.split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) this.#take(block);
    }
  }

  #take(block: string): void {
    const fields = new Map(block.split("\n").map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));
    const data = fields.get("data");
    if (data === undefined) return;
    this.all.push({ id: fields.get("id") ?? "", event: fields.get("event") ?? "", data: JSON.parse(data) });
    for (const look of [...this.#waiting]) look();
  }
}
