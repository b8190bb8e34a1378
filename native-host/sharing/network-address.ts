// Finds the address by which others on the private network reach this computer.
import { createSocket } from "node:dgram";
import { BlockList, isIP } from "node:net";
import { type NetworkInterfaceInfo, networkInterfaces } from "node:os";

/** Private addresses: RFC 1918, RFC 6598 (also Tailscale's), RFC 3927, RFC 4193. Others may be reached from everywhere. */
const PRIVATE = new BlockList();
for (const [network, prefix] of [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
] as const) {
  PRIVATE.addSubnet(network, prefix, "ipv4");
}
PRIVATE.addSubnet("fc00::", 7, "ipv6");

/** Bridges to containers and virtual machines of this computer: nobody else is there. */
const VIRTUAL = /^(?:docker|br-|veth|virbr|vmnet|vboxnet|lxcbr|lxdbr|cni|flannel|podman)/;
/** An address that stands for "elsewhere" (RFC 5737): nothing is sent there. */
const ELSEWHERE = "192.0.2.1";

type Interfaces = Readonly<Record<string, NetworkInterfaceInfo[] | undefined>>;

/** Whether only a private network knows an address. */
export function isPrivate(address: string): boolean {
  return PRIVATE.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
}

/**
 * The address for links: that of the default route if it is private, else the first private one, IPv4 before IPv6; `null`: there is
 * none. `routed`: the address that the system sends from.
 */
export function chooseAddress(interfaces: Interfaces, routed: string | null): string | null {
  const all = Object.entries(interfaces).flatMap(([name, list]) => (VIRTUAL.test(name) ? [] : (list ?? [])));
  const fits = all.filter(({ address, internal }) => !internal && isPrivate(address)).map(({ address }) => address);
  if (routed !== null && fits.includes(routed)) return routed;
  return fits.find((address) => isIP(address) === 4) ?? fits[0] ?? null;
}

/** The same for this computer as it is now. */
export async function networkAddress(): Promise<string | null> {
  return chooseAddress(networkInterfaces(), await routedAddress());
}

/** The address that the system would send from; `null`: there is no route. Connecting a UDP socket sends nothing. */
function routedAddress(): Promise<string | null> {
  return new Promise((resolve) => {
    const socket = createSocket("udp4");
    const done = (address: string | null): void => {
      resolve(address);
      socket.close();
    };
    socket.once("error", () => done(null));
    socket.connect(9, ELSEWHERE, () => done(socket.address().address));
  });
}

/** Whether this computer still has an address. */
export function hasAddress(address: string, interfaces: Interfaces = networkInterfaces()): boolean {
  return Object.values(interfaces).some((list) => list?.some((each) => each.address === address));
}
