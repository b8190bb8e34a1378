// Where a stream goes by SRT, and how: from the address and the passphrase. Only this file holds the secrets: neither inspection
// nor JSON shows them.
import { sentence, type Words } from "../../../protocol/sentence.ts";

/** What an SRT address looks like, in words for an error. */
export const SRT_ADDRESS = sentence("allowed.srt_address");
/** What a passphrase looks like. SRT's own bounds; longer ones are refused by some of its versions. */
export const SRT_PASSPHRASE = sentence("allowed.srt_passphrase");

/** ms that an address may ask for. */
const LATENCY = { least: 20, most: 8_000 } as const;
/** Bytes of a stream id (SRT access control, 3). */
const LONGEST_STREAM_ID = 512;
const HIDDEN = "[hidden]";
const KNOWN = ["mode", "streamid", "latency", "pbkeylen", "passphrase"] as const;

interface Parts {
  /** IPv6 with its brackets; empty: all of this machine's addresses. */
  readonly host: string;
  readonly port: number;
  readonly mode: "caller" | "listener";
  readonly streamid: string | null;
  /** ms; `null`: SRT's own. */
  readonly latency: number | null;
  readonly pbkeylen: string | null;
  readonly passphrase: string | null;
}

/** The parts of an address; `null`: it can't be used for SRT. */
export function srtParts(url: string): Parts | null {
  const match = /^srt:\/\/(\[[0-9a-f:.]+\]|[^\s/?#:@[\]]*):(\d{1,5})\/?(?:\?([^\s#]*))?$/i.exec(url.toWellFormed());
  const [port, host = ""] = [Number(match?.[2]), match?.[1]];
  if (!match || port < 1 || port > 65_535) return null;
  const values = new Map<string, string>();
  for (const pair of (match[3] ?? "").split("&").filter((each) => each !== "")) {
    const at = pair.indexOf("=");
    const name = KNOWN.find((each) => each === pair.slice(0, at));
    if (at < 0 || name === undefined) return null;
    try {
      values.set(name, decodeURIComponent(pair.slice(at + 1))); // "+" stands for itself, as for SRT's own tools
    } catch {
      return null;
    }
  }
  const mode = values.get("mode") ?? (host === "" ? "listener" : "caller");
  const [streamid = null, passphrase = null] = [values.get("streamid"), values.get("passphrase")];
  const [pbkeylen = null, latency = null] = [values.get("pbkeylen"), values.get("latency")];
  if ((mode !== "caller" && mode !== "listener") || (mode === "caller" && host === "")) return null;
  if (latency !== null && !(Number(latency) >= LATENCY.least && Number(latency) <= LATENCY.most)) return null;
  if (pbkeylen !== null && !["16", "24", "32"].includes(pbkeylen)) return null;
  if (streamid !== null && (Buffer.byteLength(streamid) > LONGEST_STREAM_ID || /[\r\n]/.test(streamid))) return null;
  if (passphrase !== null && !isPassphrase(passphrase)) return null;
  const ms = latency === null ? null : Number(latency);
  return { host, port, mode, streamid, latency: ms, pbkeylen, passphrase };
}

/** Whether SRT takes it as a passphrase. */
export function isPassphrase(text: string): boolean {
  return /^[\x20-\x7e]{10,79}$/.test(text);
}

/** A parsed address. `util.inspect` and `JSON.stringify` show no secret: the private fields stay private. */
export class SrtTarget {
  readonly mode: Parts["mode"];
  /** `srt://host:port`: what may be shown, and given to a process as its argument. */
  readonly server: string;
  readonly #parts: Parts;
  readonly #passphrase: string | null;

  /** @param parts of {@link srtParts}. @param passphrase one that stands beside the address: it comes first */
  constructor(parts: Parts, passphrase?: string) {
    this.mode = parts.mode;
    this.server = `srt://${parts.host}:${parts.port}`;
    this.#parts = parts;
    this.#passphrase = passphrase ?? parts.passphrase;
  }

  /** Where it goes, without a secret. */
  get publicUrl(): string {
    return this.mode === "listener" ? `${this.server}?mode=listener` : this.server;
  }

  /** FFmpeg's options for it, `name=value` lines of a preset file: they hold the secrets. */
  revealPreset(connect_timeout: number): string {
    const { mode, streamid, latency, pbkeylen } = this.#parts;
    const options: Record<string, string | number | null> = {
      mode,
      ...(mode === "caller" ? { connect_timeout } : {}),
      latency: latency === null ? null : latency * 1000, // FFmpeg counts in microseconds
      pbkeylen: this.#passphrase === null ? null : pbkeylen,
      passphrase: this.#passphrase,
      streamid,
    };
    const lines = Object.entries(options).filter(([, value]) => value !== null);
    return `${lines.map(([name, value]) => `${name}=${value}`).join("\n")}\n`;
  }

  /** The text with the secrets taken out: for what FFmpeg says. */
  redact(text: string): Words {
    const secrets = [this.#passphrase, this.#parts.streamid].filter((each) => each !== null && each.length > 3);
    return secrets.reduce<string>((clean, secret) => clean.replaceAll(secret ?? "", HIDDEN), text);
  }
}
