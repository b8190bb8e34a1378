// Opens the TCP or TLS connection to a target, and says in one error why it can't.
import { readFile } from "node:fs/promises";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, rootCertificates } from "node:tls";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { type Sentence, sentence, type Words } from "../../../protocol/sentence.ts";
import type { RtmpTarget } from "./target.ts";

/** Node's words for what people meet most, in plain ones. */
const WORDS: Record<string, Sentence> = {
  ECONNREFUSED: sentence("rtmp.refused_port"),
  ENOTFOUND: sentence("rtmp.no_such_server"),
  EAI_AGAIN: sentence("rtmp.no_lookup"),
  ECONNRESET: sentence("rtmp.reset"),
  EHOSTUNREACH: sentence("rtmp.no_route"),
  ENETUNREACH: sentence("rtmp.no_network"),
  ETIMEDOUT: sentence("rtmp.silent"),
  DEPTH_ZERO_SELF_SIGNED_CERT: sentence("rtmp.self_signed"),
  SELF_SIGNED_CERT_IN_CHAIN: sentence("rtmp.unknown_authority"),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: sentence("rtmp.unknown_authority"),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: sentence("rtmp.unknown_authority"),
  CERT_HAS_EXPIRED: sentence("rtmp.expired"),
  ERR_TLS_CERT_ALTNAME_INVALID: sentence("rtmp.other_name"),
  ERR_SSL_WRONG_VERSION_NUMBER: sentence("rtmp.no_tls"),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: sentence("rtmp.no_tls"),
};

/** A socket error in plain words. */
export function plainWords(error: Error): Words {
  const code = (error as NodeJS.ErrnoException).code ?? "";
  return WORDS[code] ?? (error.message || code || sentence("rtmp.unknown_error"));
}

/** How a socket is opened. */
export interface SocketOptions {
  readonly target: RtmpTarget;
  /** Gives up when aborted; the caller then has its own error. */
  readonly signal: AbortSignal;
  /** The server is reached; with TLS, its handshake comes now. */
  readonly onReached: () => void;
}

/**
 * An open socket, TLS done and its certificate verified.
 * @throws FlyBrowserError `rtmp_unreachable`, `rtmp_tls_failed`.
 */
export async function openSocket({ target, signal, onReached }: SocketOptions): Promise<Socket> {
  const ca = target.secure ? await authorities(target) : {};
  return new Promise((resolve, reject) => {
    let reached = false;
    const address = { host: target.host, port: target.port };
    const name = target.serverName;
    const socket = target.secure
      ? connectTls({ ...address, ...(name === undefined ? {} : { servername: name }), ...ca })
      : connectTcp(address);
    const fail = (error: Error) => {
      socket.destroy();
      const code = target.secure && reached ? "rtmp_tls_failed" : "rtmp_unreachable";
      reject(new FlyBrowserError(code, { server: target.server, reason: plainWords(error) }, { cause: error }));
    };
    const abort = () => fail(new Error("given up"));
    // The listener stays after this promise is settled: a socket's error without one would end the process.
    socket.on("error", fail);
    socket.once("connect", () => {
      reached = true;
      onReached();
    });
    socket.once(target.secure ? "secureConnect" : "connect", () => {
      signal.removeEventListener("abort", abort);
      socket.setNoDelay(true);
      resolve(socket);
    });
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

/** Those of the PEM file that FLYBROWSER_RTMP_CA names, beside Node's own; without it those of NODE_EXTRA_CA_CERTS count. */
async function authorities(target: RtmpTarget): Promise<{ ca?: string[] }> {
  const caFile = process.env.FLYBROWSER_RTMP_CA;
  if (caFile === undefined) return {};
  try {
    return { ca: [...rootCertificates, await readFile(caFile, "utf8")] };
  } catch (cause) {
    const reason = sentence("rtmp.unreadable_authority", { path: caFile });
    throw new FlyBrowserError("rtmp_tls_failed", { server: target.server, reason }, { cause });
  }
}
