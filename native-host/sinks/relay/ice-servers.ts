// STUN and TURN servers as node-datachannel takes them: its TURN goes by UDP alone.
import type { IceServer as LibraryServer } from "node-datachannel";
import type { IceServer } from "../../../protocol/native-messages.ts";

/** Port where the URL names none (RFC 7064, 7065). */
const USUAL_PORT = 3_478;

/** The servers; those that it can't use are left out. */
export function libraryServers(servers: readonly IceServer[]): (string | LibraryServer)[] {
  return servers.flatMap(({ urls, username, credential }) =>
    [urls].flat().flatMap((url): (string | LibraryServer)[] => {
      const [, scheme, name = "", port, transport] =
        /^(stun|turn):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(\w+))?$/i.exec(url) ?? [];
      if (scheme === undefined || (transport !== undefined && transport.toLowerCase() !== "udp")) return [];
      const address = { hostname: name.replace(/^\[|\]$/g, ""), port: Number(port ?? USUAL_PORT) };
      if (scheme.toLowerCase() === "stun") return [`stun:${name}:${address.port}`];
      if (username === undefined || credential === undefined) return [];
      return [{ ...address, username, password: credential, relayType: "TurnUdp" as const }];
    }),
  );
}
