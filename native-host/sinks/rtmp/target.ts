// Where a stream is published: server, application and stream name, from the URL and the key.
// The one place that holds the key; never shows it, neither by inspection nor as JSON.
import { isIP } from "node:net";
import { FlyBrowserError } from "../../../protocol/errors.ts";

const ALLOWED = "an address such as rtmp://server/application or rtmps://server:port/application, without a user name";
const HIDDEN = "[hidden]";

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
    // Lone surrogates have no form in UTF-8, nor in a URL.
    const match = /^(rtmps?):\/\/(\[[0-9a-f:.]+\]|[^\s/?#:@[\]]+)(?::(\d{1,5}))?(\/[^\s?#]*)?(\?[^\s#]*)?$/i.exec(
      url.toWellFormed(),
    );
    const port = match?.[3] === undefined ? null : Number(match[3]);
    if (!match?.[2] || port === 0 || (port !== null && port > 65535)) {
      throw new FlyBrowserError("invalid_option", { option: "rtmp_url", value: "the given value", allowed: ALLOWED });
    }
    const scheme = match[1]?.toLowerCase() === "rtmps" ? "rtmps" : "rtmp";
    const query = match[5] ?? "";
    // Doubled and trailing slashes carry no meaning, and a key is often pasted with one in front.
    const path = (match[4] ?? "").replace(/^\/+|\/+$/g, "");
    const name = key?.toWellFormed().replace(/^\/+/, "") ?? "";

    this.secure = scheme === "rtmps";
    this.host = match[2].replace(/^\[|\]$/g, "");
    this.port = port ?? (this.secure ? 443 : 1935);
    this.server = `${scheme}://${match[2]}${port === null ? "" : `:${port}`}`;
    if (name !== "") {
      this.#app = path + query;
      this.#streamName = name;
    } else {
      const slash = path.lastIndexOf("/");
      this.#app = slash < 0 ? path + query : path.slice(0, slash);
      this.#streamName = slash < 0 ? "" : path.slice(slash + 1) + query;
    }
    if (this.#app === "") {
      throw new FlyBrowserError("invalid_option", { option: "rtmp_url", value: "the given value", allowed: ALLOWED });
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
