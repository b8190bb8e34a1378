// By which names the host is asked for, and by which way a request therefore comes: this computer, the network, the internet. A
// name that is none of them is refused (DNS rebinding).
import type { IncomingHttpHeaders } from "node:http";
import { hostname } from "node:os";
import { urlHost } from "../../protocol/node/view-addresses.ts";

const LOCAL_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i;

const NO_URLS: readonly URL[] = [];

/** Whether a Host header names this machine, with any port. */
export function isLocalHost(host: string | undefined): boolean {
  return host !== undefined && LOCAL_HOST.test(host);
}

/** Whether a proxy says that it forwards the request for somebody else (RFC 7239, RFC 9110 7.6.3, and older headers). */
export function isForwarded(headers: IncomingHttpHeaders): boolean {
  return ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"].some((name) => name in headers);
}

/** The names by which viewers come from elsewhere, as they are now. */
export class ViewersNames {
  /** How many need each address, and each URL of a tunnel or reverse proxy. */
  readonly #addresses = new Map<string, number>();
  readonly #bases = new Map<string, number>();
  /** Of {@link #bases}. */
  #urls: readonly URL[] = [];
  readonly #own = hostname().toLowerCase();

  /** An address of this machine; gives whether it is the first to need it. */
  addAddress(address: string): boolean {
    return add(this.#addresses, address);
  }

  /** Gives whether nobody needs it any more. */
  removeAddress(address: string): boolean {
    return remove(this.#addresses, address);
  }

  /** A URL under which a tunnel or reverse proxy makes the host known, without a slash at the end. */
  addBase(base: string): void {
    add(this.#bases, base);
    this.#urls = [...this.#bases.keys()].map((each) => new URL(each));
  }

  removeBase(base: string): void {
    remove(this.#bases, base);
    this.#urls = [...this.#bases.keys()].map((each) => new URL(each));
  }

  /** Whether a Host header names this machine as viewers on the network do: by an address, or by the machine's own name. */
  isNetworkHost(host: string | undefined): boolean {
    const name = nameOf(host);
    if (name === null || this.#addresses.size === 0) return false;
    if (name === this.#own || name === `${this.#own}.local`) return true;
    return [...this.#addresses.keys()].some((address) => urlHost(address).toLowerCase() === name);
  }

  /** Whether a Host header is that of a public URL; with any port. */
  isPublicHost(host: string | undefined): boolean {
    return this.#basesOf(host).length > 0;
  }

  /** The path of a request without the prefix of its public URL, where the proxy has left that on. */
  withoutPrefix(host: string | undefined, path: string): string {
    for (const { pathname } of this.#basesOf(host)) {
      if (pathname !== "/" && path.startsWith(`${pathname}/`)) return path.slice(pathname.length);
    }
    return path;
  }

  #basesOf(host: string | undefined): readonly URL[] {
    if (this.#urls.length === 0) return NO_URLS;
    const name = nameOf(host);
    return name === null ? NO_URLS : this.#urls.filter(({ hostname }) => hostname === name);
  }
}

/** The name in a Host header, without its port. */
function nameOf(host: string | undefined): string | null {
  return host === undefined ? null : host.toLowerCase().replace(/:\d{1,5}$/, "");
}

function add(counts: Map<string, number>, key: string): boolean {
  const count = counts.get(key) ?? 0;
  counts.set(key, count + 1);
  return count === 0;
}

function remove(counts: Map<string, number>, key: string): boolean {
  const count = (counts.get(key) ?? 0) - 1;
  if (count > 0) counts.set(key, count);
  else counts.delete(key);
  return count <= 0;
}
