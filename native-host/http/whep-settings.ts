// What the environment says about viewing by WebRTC: how many viewers, which STUN and TURN servers. Their credentials are not
// logged.
import * as v from "valibot";
import { type IceServer, IceServerSchema } from "../../protocol/native-messages.ts";
import { partLogger } from "../logging.ts";

/** Viewers at a time where nothing is said: of those who share an encoder, and of those who cost one each. */
const DEFAULT_LIMITS = { shared: 64, own: 4 };
/** Largest limit. */
const MAX_LIMIT = 256;

const log = partLogger("whep");

/** How viewing by WebRTC is set up. */
export interface WhepSettings {
  /** Viewers at a time, of all streams of this host, while they share an encoder, and while each has its own; 0: switched off. */
  readonly limits: { readonly shared: number; readonly own: number };
  readonly ice_servers: readonly IceServer[];
  /** Whether viewers may share an encoder, by the relay. */
  readonly relay: boolean;
}

/** Reads FLYBROWSER_WEBRTC_VIEWERS (0 to 256), FLYBROWSER_WEBRTC_RELAY (`off`) and FLYBROWSER_ICE_SERVERS (JSON, as for RTCPeerConnection). */
export function whepSettings(environment: NodeJS.ProcessEnv): WhepSettings {
  return {
    limits: limitsOf(environment.FLYBROWSER_WEBRTC_VIEWERS),
    ice_servers: serversOf(environment.FLYBROWSER_ICE_SERVERS),
    relay: environment.FLYBROWSER_WEBRTC_RELAY?.trim().toLowerCase() !== "off",
  };
}

function limitsOf(text: string | undefined): WhepSettings["limits"] {
  if (!text) return DEFAULT_LIMITS;
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 0 && limit <= MAX_LIMIT) return { shared: limit, own: limit };
  log.warning("FLYBROWSER_WEBRTC_VIEWERS={text} is no number from 0 to {max}; it is {limit}", {
    text,
    max: MAX_LIMIT,
    limit: DEFAULT_LIMITS.shared,
  });
  return DEFAULT_LIMITS;
}

function serversOf(text: string | undefined): readonly IceServer[] {
  if (!text) return [];
  try {
    return v.parse(v.array(IceServerSchema), JSON.parse(text));
  } catch {
    log.warning('FLYBROWSER_ICE_SERVERS is not of the form [{"urls": "stun:host:port"}]; none is used');
    return [];
  }
}

const quoted = (text: string): string => `"${text.replace(/["\\]/g, "\\$&")}"`;

/** The value of the Link header that tells a WHEP client of the servers; empty: there are none. */
export function iceServerLinks(servers: readonly IceServer[]): string {
  return servers
    .flatMap(({ urls, username, credential }) =>
      [urls].flat().map((url) => {
        const secret = username !== undefined && credential !== undefined;
        const access = secret ? `; username=${quoted(username)}; credential=${quoted(credential)}` : "";
        return `<${url}>; rel="ice-server"${access}${secret ? '; credential-type="password"' : ""}`;
      }),
    )
    .join(", ");
}
