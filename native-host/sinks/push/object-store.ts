// Where files are put: by plain HTTP, or into an S3 bucket. One request after another, each with its time and one readable error.
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { sentence } from "../../../protocol/sentence.ts";
import { networkWords } from "../network-words.ts";

/** A file to be put. */
export interface StoredFile {
  readonly name: string;
  readonly body: Uint8Array;
  readonly type: string;
  /** `Cache-Control`. */
  readonly cache: string;
}

/** Sends one request; `url` may hold a secret. */
export type Send = (url: string, request: RequestInit & { readonly method: string }) => Promise<Response>;

/** What an {@link ObjectStore} needs. */
export interface ObjectStoreOptions {
  /** As it may be shown. */
  readonly server: string;
  /** The address of a file of a name. */
  readonly urlOf: (name: string) => string;
  readonly send: Send;
  /** ms that a request may take. */
  readonly timeout: number;
}

/** Bytes of an answer that are read: an error's code is in front. */
const MOST_ANSWER = 4_096;
/** Bytes of a playlist that is read back. */
const MOST_TEXT = 16 * 1024 * 1024;

/** A place for files. */
export class ObjectStore {
  readonly server: string;
  readonly #options: ObjectStoreOptions;
  readonly #abort = new AbortController();

  constructor(options: ObjectStoreOptions) {
    this.server = options.server;
    this.#options = options;
  }

  /**
   * Puts a file.
   * @throws FlyBrowserError `destination_unreachable`; `destination_refused` where asking again is of no use
   */
  async put({ name, body, type, cache }: StoredFile): Promise<void> {
    const headers = { "Content-Type": type, "Cache-Control": cache };
    await this.#request("PUT", name, { headers, body: body as Uint8Array<ArrayBuffer> });
  }

  /** Removes a file; one that isn't there harms nothing. @throws FlyBrowserError as {@link put} */
  async remove(name: string): Promise<void> {
    await this.#request("DELETE", name, {}, [404, 405, 501]); // some servers don't let files be removed
  }

  /** The text of a file; `null`: there is none that can be read. @throws FlyBrowserError `destination_unreachable` */
  async read(name: string): Promise<string | null> {
    const response = await this.#send("GET", name, {});
    const text = response.ok ? await response.text() : null;
    return text !== null && text.length < MOST_TEXT ? text : null;
  }

  /** Gives up whatever is under way, and takes nothing more. */
  close(): void {
    this.#abort.abort();
  }

  async #request(method: string, name: string, init: RequestInit, fine: readonly number[] = []): Promise<void> {
    const response = await this.#send(method, name, init);
    const said = (await response.text().catch(() => "")).slice(0, MOST_ANSWER);
    if (response.ok || fine.includes(response.status)) return;
    const code = /<Code>([\w.]{1,60})<\/Code>/.exec(said)?.[1] ?? response.statusText.slice(0, 60);
    const reason = sentence("http.answered", { status: response.status, text: code });
    const passing = [408, 425, 429].includes(response.status) || response.status >= 500;
    throw new FlyBrowserError(passing ? "destination_unreachable" : "destination_refused", {
      server: this.server,
      reason,
    });
  }

  async #send(method: string, name: string, init: RequestInit): Promise<Response> {
    const { send, urlOf, timeout } = this.#options;
    const late = AbortSignal.timeout(timeout);
    try {
      return await send(urlOf(name), { method, ...init, signal: AbortSignal.any([late, this.#abort.signal]) });
    } catch (cause) {
      const reason = late.aborted ? sentence("http.silent", { seconds: timeout / 1000 }) : networkWords(cause);
      throw new FlyBrowserError("destination_unreachable", { server: this.server, reason }); // without a cause: it may hold the address
    }
  }
}
