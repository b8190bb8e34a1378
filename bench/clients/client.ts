// What the table needs to know of a client: how it is found, and how it watches.
import type { Heard, Seen } from "./stage.ts";

/** The addresses of a stream. */
export interface Addresses {
  readonly hls_url: string;
  readonly dash_url: string;
  readonly player_url: string;
}

/** Somebody who watches by one way. */
export interface Watcher {
  /** When it was sent to the address, by performance.now(): a browser runs by then. */
  readonly began: number;
  /** All pictures of the pattern so far, in their order. */
  readonly seen: readonly Seen[];
  /** All that was heard so far. */
  readonly heard: readonly Heard[];
  /** Whether it has ended by itself: the program is gone, the page says so. */
  ended(): Promise<boolean>;
  /** Of our player: the protocol that it takes now. */
  took?(): Promise<string | null>;
  close(): Promise<void>;
}

/** A client by one way: a row of the table. */
export interface Client {
  readonly name: string;
  readonly way: string;
  /** Of our player: the name of that way in its address. */
  readonly protocol?: string;
  /** Its version; `null`: it isn't here. */
  version(): Promise<string | null>;
  watch(addresses: Addresses): Promise<Watcher>;
}
