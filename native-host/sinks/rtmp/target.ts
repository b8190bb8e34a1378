// Where a stream is published: server, application and stream name, from the URL and the key. Only this file holds the key:
// neither inspection nor JSON shows it.
import { isIP } from "node:net";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { sentence } from "../../../protocol/sentence.ts";

/** What an RTMP address looks like, in words for an error. */
export const RTMP_ADDRESS = sentence("allowed.rtmp_address");
const HIDDEN = "[hidden]";

/** What an address says by itself. */
interface Address {
  readonly scheme: "rtmp" | "rtmps";
  /** IPv6 with its brackets. */
  readonly host: string;
  /** `null`: the usual one. */
  readonly port: number | null;
  /** Without slashes at its ends: they carry no meaning, nor do doubled ones in front. */
  readonly path: string;
  /** With its question mark. */
  readonly query: string;
}

/** The parts of an address; `null`: it can't be used for RTMP. */
export function rtmpAddress(url: string): Address | null {
  // Lone surrogates have no form in UTF-8, nor in a URL.
  const match = /^(rtmps?):\/\/(\[[0-9a-f:.]+\]|[^\s/?#:@[\]]+)(?::(\d{1,5}))?(\/[^\s?#]*)?(\?[^\s#]*)?$/i.exec(
    url.toWellFormed(),
  );
  if (!match?.[2]) return null;
  const port = match[3] === undefined ? null : Number(match[3]);
  const [path, query] = [(match[4] ?? "").replace(/^\/+|\/+$/g, ""), match[5] ?? ""];
  if (port === 0 || (port ?? 0) > 65535 || path + query === "") return null;
  const scheme = match[1]?.toLowerCase() === "rtmps" ? "rtmps" : "rtmp";
  return { scheme, host: match[2], port, path, query };
}

/** A parsed target. `util.inspect` and `JSON.stringify` show no secret: the private fields stay private. */
export class RtmpTarget {
  readonly secure: boolean;
  /** Name or address, IPv6 without its brackets. */
  readonly host: string;
  readonly port: number;
  /** `rtmp://host:port`: what may be shown. The path is left out, because people put keys there. */
  readonly server: string;
  /** The URL without stream name and query: for a result that names the destination. */
  readonly publicUrl: string;
  readonly #app: string;
  readonly #tcUrl: string;
  readonly #streamName: string;
  readonly #secrets: readonly string[];

  /**
   * @param url `rtmp://` or `rtmps://`; its port is 1935 or 443 when left out. With a key, its whole path is the
   *   application; without one, the last part of the path (and the query) is the stream's name.
   * @throws FlyBrowserError `invalid_option` for a URL that can't be used.
   */
  constructor(url: string, key?: string) {
    const address = rtmpAddress(url);
    if (!address) {
      throw new FlyBrowserError("invalid_option", {
        option: "url",
        value: sentence("value.hidden"),
        allowed: RTMP_ADDRESS,
      });
    }
    const { scheme, host, port, path, query } = address;
    const name = key?.toWellFormed().replace(/^\/+/, "") ?? ""; // a key is often pasted with a slash in front

    this.secure = scheme === "rtmps";
    this.host = host.replace(/^\[|\]$/g, "");
    this.port = port ?? (this.secure ? 443 : 1935);
    this.server = `${scheme}://${host}${port === null ? "" : `:${port}`}`;
    if (name !== "") {
      this.#app = path + query;
      this.#streamName = name;
    } else {
      const slash = path.lastIndexOf("/");
      this.#app = slash < 0 ? path + query : path.slice(0, slash);
      this.#streamName = slash < 0 ? "" : path.slice(slash + 1) + query;
    }
    this.publicUrl = `${this.server}/${this.#app.split("?")[0] ?? ""}`;
    this.#tcUrl = `${this.server}/${this.#app}`;
    const bare = this.#streamName.split("?")[0] ?? "";
    const secrets = [
      key ?? "",
      this.#streamName,
      bare,
      query.slice(1),
      ...`${this.#streamName}${query}`.split(/[?&=/]/),
    ];
    // Parts of a key as short as "live" are words, not secrets, unless they are all of it.
    const worth = secrets.filter((secret, index) => secret.length > (index < 3 ? 0 : 5));
    const forms = worth.flatMap((secret) => [secret, encodeURIComponent(secret), encodeURI(secret)]);
    this.#secrets = [...new Set(forms)].sort((a, b) => b.length - a.length);
  }

  /** Servers accept a publish without a name, and nobody can watch it. @throws FlyBrowserError `invalid_option` */
  assertNamed(): void {
    if (this.#streamName.split("?")[0]) return;
    throw new FlyBrowserError("invalid_option", {
      option: "url",
      value: sentence("value.hidden"),
      allowed: sentence("allowed.rtmp_stream_name"),
    });
  }

  /** Name for TLS's SNI; `undefined` for a bare address, which SNI can't carry. */
  get serverName(): string | undefined {
    return isIP(this.host) ? undefined : this.host;
  }

  /** For the `connect` command only: may hold a secret. */
  revealApplication(): { app: string; tcUrl: string } {
    return { app: this.#app, tcUrl: this.#tcUrl };
  }

  /** For the `publish` command and its companions only: this is the key. */
  revealStreamName(): string {
    return this.#streamName;
  }

  /** The text with every form of the key taken out: for what a server says. */
  redact(text: string): string {
    return this.#secrets.reduce((clean, secret) => clean.replaceAll(secret, HIDDEN), text);
  }
}
