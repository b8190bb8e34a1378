// Why a request by fetch came to nothing, in plain words; nothing of its address.
import { type Sentence, sentence, type Words } from "../../protocol/sentence.ts";

/** Node's words for what people meet most, in plain ones. */
const NETWORK: Readonly<Record<string, Sentence>> = {
  ECONNREFUSED: sentence("rtmp.refused_port"),
  ENOTFOUND: sentence("rtmp.no_such_server"),
  EAI_AGAIN: sentence("rtmp.no_lookup"),
  ECONNRESET: sentence("rtmp.reset"),
  UND_ERR_SOCKET: sentence("rtmp.reset"),
  EHOSTUNREACH: sentence("rtmp.no_route"),
  ENETUNREACH: sentence("rtmp.no_network"),
  DEPTH_ZERO_SELF_SIGNED_CERT: sentence("rtmp.self_signed"),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: sentence("rtmp.unknown_authority"),
  CERT_HAS_EXPIRED: sentence("rtmp.expired"),
  ERR_TLS_CERT_ALTNAME_INVALID: sentence("rtmp.other_name"),
};

/** What `fetch` threw, in plain words. */
export function networkWords(thrown: unknown): Words {
  const cause = (thrown as { cause?: unknown }).cause ?? thrown;
  const causes = cause instanceof AggregateError ? (cause.errors as unknown[]) : [cause];
  for (const each of causes) {
    const { code } = each as { code?: string };
    if (code !== undefined) return NETWORK[code] ?? code;
  }
  return sentence("rtmp.unknown_error");
}
