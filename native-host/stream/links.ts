// The links of one publication: each a token of its own, which opens the stream until it expires, is revoked, or the stream is over.
import { createHash, timingSafeEqual } from "node:crypto";
import { Emitter } from "../../protocol/emitter.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { type LinkStatus, MAX_LINKS, type ResolvedLinkOptions } from "../../protocol/links.ts";
import type { StoredLink, StreamIdentity } from "../../protocol/native-messages.ts";
import type { StreamClock } from "../media/stream-clock.ts";
import { randomToken } from "./identity.ts";

/** Stands in for a link where a stream has none; as long as a real token. */
const NO_TOKEN = Buffer.alloc(24);

/** What a link is told with. */
export interface LinkFacts {
  /** Beginning of every link, without a slash at the end. */
  readonly base: string;
  readonly viewers: (link_id: string) => number;
}

/** A link as requests are compared with it. */
interface LinkKey {
  readonly link: StoredLink;
  readonly link_id: string;
  readonly expected: Buffer;
}

/** The links. */
export class Links {
  readonly #stream_id: string;
  readonly #clock: Pick<StreamClock, "now" | "wall">;
  readonly #changes = new Emitter();
  readonly #ends = new Emitter<string>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  #links: StoredLink[] = [];
  /** What each request is compared with: a digest for each of a thousand viewers' requests would cost more than the rest of it. */
  #keys: readonly LinkKey[] = [];

  /** `identity`: with the links that the host before had; without, there is the first one, of its token. */
  constructor(identity: StreamIdentity, clock: Pick<StreamClock, "now" | "wall">) {
    this.#stream_id = identity.stream_id;
    this.#clock = clock;
    const first = { token: identity.view_token, name: null, allow: "view", expires_at: null } as const;
    for (const link of identity.links ?? [first]) this.#add(link);
  }

  /** As the next host needs them: with their tokens. */
  get stored(): StoredLink[] {
    return [...this.#links];
  }

  /** Path of the stream's folder by the first link that there is, without a slash at the end; `null`: there is none. */
  get path(): string | null {
    const [first] = this.#links;
    return first ? this.#pathOf(first) : null;
  }

  /**
   * The id of the link that a token is of; `null`: of none that still opens. In constant time for each link, whether one fits or
   * not; only the length of a token, which is no secret, shows.
   */
  find(token: string): string | null {
    const given = Buffer.from(token);
    let found: string | null = null;
    for (const { link, link_id, expected } of this.#keys) {
      const comparable = given.length === expected.length;
      if (timingSafeEqual(comparable ? given : expected, expected) && comparable && !this.#isOver(link)) {
        found = link_id;
      }
    }
    return found;
  }

  /** The name and the rights of a link that was found. */
  factsOf(link_id: string): Pick<StoredLink, "name" | "allow"> | null {
    return this.#links.find((link) => linkId(link) === link_id) ?? null;
  }

  /** Whether one of them lets its holder take over. */
  get allowsControl(): boolean {
    return this.#links.some((link) => link.allow === "control" && !this.#isOver(link));
  }

  /** What is told of each. */
  statuses({ base, viewers }: LinkFacts): LinkStatus[] {
    return this.#links.map((link) => {
      const { name, allow, expires_at } = link;
      const link_id = linkId(link);
      const player_url = `${base}${this.#pathOf(link)}/player`;
      const expires = expires_at === null ? null : new Date(this.#clock.wall(expires_at)).toISOString();
      return { link_id, player_url, expires_at: expires, name, allow, viewers: viewers(link_id) };
    });
  }

  /** Makes one; gives its id. @throws FlyBrowserError `too_many_links` */
  create({ name, expires_in, allow }: ResolvedLinkOptions): string {
    if (this.#links.length >= MAX_LINKS) throw new FlyBrowserError("too_many_links", { limit: MAX_LINKS });
    const expires_at = expires_in === undefined ? null : this.#clock.now + expires_in * 1000;
    const link = { token: randomToken(18), name: name ?? null, allow, expires_at };
    this.#add(link);
    this.#changes.emit();
    return linkId(link);
  }

  /** Ends one at once, and what is open by it. @throws FlyBrowserError `link_not_found` */
  revoke(link_id: string): void {
    if (!this.#links.some((link) => linkId(link) === link_id)) throw new FlyBrowserError("link_not_found", { link_id });
    this.#remove(link_id);
  }

  /** Calls `listener` when there are others. */
  onChange(listener: () => void): void {
    this.#changes.on(listener);
  }

  /** Calls `listener` with the id of each that has expired or was revoked; gives the function that ends this. */
  onEnd(listener: (link_id: string) => void): () => void {
    return this.#ends.on(listener);
  }

  #add(link: StoredLink): void {
    if (this.#isOver(link)) return;
    this.#hold([...this.#links, link]);
    if (link.expires_at === null) return;
    const timer = setTimeout(() => this.#remove(linkId(link)), Math.max(0, link.expires_at - this.#clock.now)).unref();
    this.#timers.set(linkId(link), timer);
  }

  #remove(link_id: string): void {
    clearTimeout(this.#timers.get(link_id));
    this.#timers.delete(link_id);
    this.#hold(this.#links.filter((link) => linkId(link) !== link_id));
    this.#ends.emit(link_id);
    this.#changes.emit();
  }

  #hold(links: StoredLink[]): void {
    this.#links = links;
    this.#keys = links.map((link) => ({ link, link_id: linkId(link), expected: Buffer.from(link.token) }));
  }

  #isOver({ expires_at }: StoredLink): boolean {
    return expires_at !== null && expires_at <= this.#clock.now;
  }

  #pathOf({ token }: StoredLink): string {
    return `/s/${this.#stream_id}/${token}`;
  }
}

/** The comparison that is made where there is no stream. */
export function findNothing(token: string): void {
  const given = Buffer.from(token);
  timingSafeEqual(given.length === NO_TOKEN.length ? given : NO_TOKEN, NO_TOKEN);
}

/** The id of a link: it follows from its token, and tells nothing of it. */
function linkId({ token }: StoredLink): string {
  return `link_${createHash("sha256").update(token).digest("base64url").slice(0, 12)}`;
}
