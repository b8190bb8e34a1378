// What FFmpeg and libsrt say when a connection fails, as one readable error.
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { type Sentence, sentence, type Words } from "../../../protocol/sentence.ts";
import type { SrtTarget } from "./address.ts";

type Code = "destination_refused" | "destination_unreachable";

/** What is said, what it means, and whether it is a refusal: those are final. */
const MEANINGS: readonly (readonly [RegExp, Code, Sentence])[] = [
  [/Incorrect passphrase|BADSECRET/i, "destination_refused", sentence("srt.wrong_passphrase")],
  [/Password required|UNSECURE/i, "destination_refused", sentence("srt.passphrase_missing")],
  [/REJECT|rejected/i, "destination_refused", sentence("srt.rejected")],
  [/Address already in use|bind/i, "destination_unreachable", sentence("srt.port_taken")],
  [/Failed to resolve hostname/i, "destination_unreachable", sentence("rtmp.no_such_server")],
  [
    /tim(?:e|ed) ?out|Connection setup failure|Input\/output error/i,
    "destination_unreachable",
    sentence("rtmp.silent"),
  ],
];

/** Why a connection that never stood could not be made. */
export function srtConnectError(target: SrtTarget, lines: readonly string[]): FlyBrowserError {
  const said = lines.join("\n");
  const [, code, reason] = MEANINGS.find(([pattern]) => pattern.test(said)) ?? [];
  const { server } = target;
  if (code && reason) return new FlyBrowserError(code, { server, reason });
  return new FlyBrowserError("destination_unreachable", { server, reason: lastOf(target, lines) });
}

/** Why one that stood is gone. */
export function srtLostError(target: SrtTarget, lines: readonly string[]): FlyBrowserError {
  const gone = /Input\/output error|Connection (?:was broken|does not exist|lost)/i.test(lines.join("\n"));
  const reason = gone || lines.length === 0 ? sentence("connection.gone") : lastOf(target, lines);
  return new FlyBrowserError("destination_lost", { server: target.server, reason });
}

function lastOf(target: SrtTarget, lines: readonly string[]): Words {
  return target.redact(lines.at(-1) ?? "") || sentence("rtmp.unknown_error");
}
