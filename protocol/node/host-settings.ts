// What the environment of a host says about its port and about viewers from elsewhere. What can't be used is an error that names the
// variable: of the host, for whoever starts a stream, and of the command before it starts anything.
import { FlyBrowserError } from "../errors.ts";
import { sentence } from "../sentence.ts";
import { VIEW_ADDRESS, viewAddresses } from "./view-addresses.ts";

/** The environment variable with the port of the HTTP server. */
export const PORT = "FLYBROWSER_PORT";
/** The environment variable with the URL under which a tunnel or a reverse proxy makes the host known. */
export const PUBLIC_URL = "FLYBROWSER_PUBLIC_URL";

/** The port that FLYBROWSER_PORT asks for; 0: any. @throws FlyBrowserError `setting_invalid` */
export function wishedPort(environment: NodeJS.ProcessEnv): number {
  const text = environment[PORT] || "0";
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  const reason = sentence("setting.no_port", { value: text.slice(0, 20) });
  throw new FlyBrowserError("setting_invalid", { name: PORT, reason });
}

/**
 * The addresses that FLYBROWSER_VIEW_ADDRESS means, the one for links first; empty: it names none.
 * @throws FlyBrowserError `setting_invalid`
 */
export function wishedAddresses(environment: NodeJS.ProcessEnv): readonly string[] {
  const value = environment[VIEW_ADDRESS] ?? "";
  const addresses = viewAddresses(value);
  if (addresses) return addresses;
  const reason = sentence("setting.no_address", { value });
  throw new FlyBrowserError("setting_invalid", { name: VIEW_ADDRESS, reason });
}

/**
 * What every link begins with behind the user's own server: scheme, name, port and the path's prefix, without a slash at the end;
 * `null`: there is none.
 * @throws FlyBrowserError `setting_invalid`; the value isn't shown, it may hold a password
 */
export function publicBase(environment: NodeJS.ProcessEnv): string | null {
  const text = environment[PUBLIC_URL];
  if (!text) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  const plain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (plain) return url.origin + url.pathname.replace(/\/+$/, "");
  throw new FlyBrowserError("setting_invalid", { name: PUBLIC_URL, reason: sentence("setting.no_public_url") });
}
