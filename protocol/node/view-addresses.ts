// On which addresses of this machine viewers may come, beside 127.0.0.1.
import { isIP } from "node:net";
import { networkInterfaces } from "node:os";

/** The environment variable that asks for it. */
export const VIEW_ADDRESS = "FLYBROWSER_VIEW_ADDRESS";

/** The one spelling of an address: IPv6 has many. */
const canonical = (address: string) => (isIP(address) === 6 ? new URL(`http://[${address}]`).hostname : address);
const isLoopback = (address: string) => address.startsWith("127.") || address === "::1";

/**
 * The addresses that `wish` means, the one that links name first: none for "" and 127.0.0.1, which viewers may use
 * anyway; `null` when it is no IP address, or none of this machine.
 */
export function viewAddresses(wish: string, interfaces = networkInterfaces()): readonly string[] | null {
  if (wish === "" || wish === "127.0.0.1" || wish === "localhost") return [];
  if (isIP(wish) === 0) return null;
  // Link-local IPv6 addresses mean nothing without their interface.
  const all = Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .filter(({ address, internal }) => !internal && !address.startsWith("fe80:"));
  const of = (family: string) => all.filter((each) => each.family === family).map(({ address }) => address);
  if (wish === "0.0.0.0") return of("IPv4");
  if (wish === "::") return [...of("IPv4"), ...of("IPv6")];
  const own = all.find(({ address }) => canonical(address) === canonical(wish))?.address;
  return own ? [own] : isLoopback(wish) ? [wish] : null;
}

/** An address as it stands in a URL. */
export function urlHost(address: string): string {
  return isIP(address) === 6 ? `[${address}]` : address;
}
