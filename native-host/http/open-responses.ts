// The responses of one stream that are under way: they end with the link by which they were asked for, or when their way is closed.
import type { ServerResponse } from "node:http";
import type { Share } from "../../protocol/options.ts";

/** By what a response was asked for. */
export interface Asked {
  readonly link_id: string;
  readonly from: Share;
}

/** The responses. */
export class OpenResponses {
  readonly #open = new Map<Pick<ServerResponse, "destroy">, Asked>();

  /** How many are under way. */
  get size(): number {
    return this.#open.size;
  }

  /** Keeps a response in mind until {@link remove}, which its owner calls when it is over. */
  add(response: Pick<ServerResponse, "destroy">, asked: Asked): void {
    this.#open.set(response, asked);
  }

  /** A response is over. */
  remove(response: Pick<ServerResponse, "destroy">): void {
    this.#open.delete(response);
  }

  /** Ends those of which `isOver` says so, with their connections. */
  end(isOver: (asked: Asked) => boolean): void {
    for (const [response, asked] of this.#open) if (isOver(asked)) response.destroy();
  }
}
