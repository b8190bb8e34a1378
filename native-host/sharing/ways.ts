// The ways by which viewers from elsewhere reach this host: its addresses on the network, the user's own server, a tunnel. Each is
// open only while a stream needs it.
import * as v from "valibot";
import { Deadline } from "../../protocol/async.ts";
import { Emitter } from "../../protocol/emitter.ts";
import { FlyBrowserError } from "../../protocol/errors.ts";
import { PUBLIC_URL, publicBase, wishedAddresses } from "../../protocol/node/host-settings.ts";
import { urlHost } from "../../protocol/node/view-addresses.ts";
import type { Share } from "../../protocol/options.ts";
import { sentence, type Words, WordsSchema } from "../../protocol/sentence.ts";
import { firewallHint } from "./firewall.ts";
import { hasAddress, networkAddress } from "./network-address.ts";
import { usualShare } from "./settings.ts";
import { type Door, type HeldDoor, SharedDoor } from "./shared-door.ts";
import { Tunnel } from "./tunnel.ts";
import { installedTunnels } from "./tunnel-programs.ts";

/** ms in which tunnel programs must have an address: a start waits 20 s for all. */
const TUNNEL_WITHIN = 12_000;
/** ms between two looks whether the computer still has its address. */
const LOOK_EVERY = 3_000;

/** The host's server, as far as ways to it are opened and closed. */
export interface ViewersEntrance {
  /** Serves viewers on another address of this computer, at the same port. Rejects with the system's error. */
  openAddress(address: string): Promise<void>;
  closeAddress(address: string): Promise<void>;
  /** Serves viewers who come under the name of a URL, by a tunnel or proxy. */
  openName(base: string): void;
  closeName(base: string): void;
}

/** What {@link Ways} need. */
export interface WaysOptions {
  readonly environment: NodeJS.ProcessEnv;
  readonly entrance: ViewersEntrance;
  /** Port of the server, once it listens. */
  readonly port: () => number;
}

/** All ways. */
export class Ways {
  readonly #options: WaysOptions;
  readonly #network = new SharedDoor(() => this.#openNetwork());
  readonly #internet = new SharedDoor(() => this.#openInternet());

  constructor(options: WaysOptions) {
    this.#options = options;
  }

  /** Whom streams are shared with that don't say so. */
  get usual(): Share {
    return usualShare(this.#options.environment);
  }

  /** The user's own server leads anybody here. */
  get hasServer(): boolean {
    return Boolean(this.#options.environment[PUBLIC_URL]);
  }

  /** Of this computer alone. */
  get local(): HeldDoor {
    const base = `http://127.0.0.1:${this.#options.port()}`;
    return { base, note: sentence("share.note_local"), onLost: () => {}, release: () => {} };
  }

  /** Opens a way. @throws FlyBrowserError `share_unavailable`, `setting_invalid` */
  async open(share: Share): Promise<HeldDoor> {
    if (share === "this-computer") return this.local;
    return share === "network" ? this.#network.hold() : this.#internet.hold();
  }

  /** What to do where a link was tried and doesn't lead here. */
  advice(share: Share, base: string): Words {
    if (share === "network") return sentence("share.check_network");
    return sentence("share.check_public", { base, port: String(this.#options.port()) });
  }

  /** Closes all. Idempotent. */
  async close(): Promise<void> {
    await Promise.all([this.#network.close(), this.#internet.close()]);
  }

  async #openNetwork(): Promise<Door> {
    const wished = wishedAddresses(this.#options.environment);
    const found = wished.length > 0 ? wished : [await networkAddress()].filter((address) => address !== null);
    const [address] = found;
    if (address === undefined) {
      throw new FlyBrowserError("share_unavailable", {
        ...{ whom: sentence("share.network"), reason: sentence("share.no_network") },
        advice: sentence("share.join_network"),
      });
    }
    const port = this.#options.port();
    await this.#listenOn(found, "share.network");
    const host = urlHost(address);
    const lost = new Emitter<Words>();
    const looks = setInterval(() => {
      if (!address.startsWith("127.") && !hasAddress(address)) lost.emit(sentence("share.address_gone", { address }));
    }, LOOK_EVERY).unref();
    return {
      base: `http://${host}:${port}`,
      note: sentence("share.note_network", { address, port: String(port), how: firewallHint(port) }),
      onLost: (listener) => void lost.on(listener),
      close: async () => {
        clearInterval(looks);
        await this.#leave(found);
      },
    };
  }

  async #openInternet(): Promise<Door> {
    const { environment, entrance } = this.#options;
    const base = publicBase(environment);
    if (base === null) return this.#openTunnel();
    // The server may be another computer, which comes by the network.
    const addresses = wishedAddresses(environment);
    await this.#listenOn(addresses, "share.internet");
    entrance.openName(base);
    return {
      base,
      note: sentence("share.note_public", { name: new URL(base).host }),
      onLost: () => {},
      close: async () => {
        entrance.closeName(base);
        await this.#leave(addresses);
      },
    };
  }

  /** The first tunnel program that gives an address. */
  async #openTunnel(): Promise<Door> {
    const { environment, entrance } = this.#options;
    const deadline = new Deadline(TUNNEL_WITHIN);
    const failures: FlyBrowserError[] = [];
    for (const installed of installedTunnels(environment)) {
      if (deadline.passed) break;
      try {
        const tunnel = await Tunnel.open({ installed, port: this.#options.port(), within: deadline.left });
        const { url: base, program } = tunnel;
        entrance.openName(base);
        return {
          base,
          note: sentence("share.note_tunnel", { program }),
          onLost: (listener) => tunnel.onLost(() => listener(sentence("share.tunnel_gone", { program }))),
          close: async () => {
            entrance.closeName(base);
            await tunnel.close();
          },
        };
      } catch (thrown) {
        failures.push(thrown as FlyBrowserError);
      }
    }
    const [only] = failures;
    if (only && failures.length === 1) throw only;
    const none = failures.length === 0;
    throw new FlyBrowserError("share_unavailable", {
      whom: sentence("share.internet"),
      reason: none ? sentence("share.no_tunnel") : sentence("share.tunnels", { reasons: failures.map(reasonOf) }),
      advice: sentence("share.install_tunnel"),
    });
  }

  async #listenOn(addresses: readonly string[], whom: "share.network" | "share.internet"): Promise<void> {
    const open: string[] = [];
    try {
      for (const address of addresses) {
        await this.#options.entrance.openAddress(address);
        open.push(address);
      }
    } catch (thrown) {
      await this.#leave(open);
      const address = addresses[open.length] ?? "";
      const details = { address, port: String(this.#options.port()), error: (thrown as Error).message };
      throw new FlyBrowserError(
        "share_unavailable",
        {
          whom: sentence(whom),
          reason: sentence("share.not_listening", details),
          advice: sentence("share.other_port"),
        },
        { cause: thrown },
      );
    }
  }

  async #leave(addresses: readonly string[]): Promise<void> {
    await Promise.all(addresses.map((address) => this.#options.entrance.closeAddress(address)));
  }
}

function reasonOf({ details: { reason }, sentence }: FlyBrowserError): Words {
  return v.is(WordsSchema, reason) ? reason : sentence;
}
