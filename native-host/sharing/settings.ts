// What the environment says about viewers from elsewhere: FLYBROWSER_VIEW_ADDRESS and FLYBROWSER_PUBLIC_URL. What can't be used is
// an error that names it, for whoever asks for it.
import { FlyBrowserError } from "../../protocol/errors.ts";
import { VIEW_ADDRESS, viewAddresses } from "../../protocol/node/view-addresses.ts";
import type { Share } from "../../protocol/options.ts";
import { sentence } from "../../protocol/sentence.ts";

/** The environment variable with the URL under which a tunnel or a reverse proxy makes the host known. */
export const PUBLIC_URL = "FLYBROWSER_PUBLIC_URL";

/** Whom streams are shared with that don't say so: as wide as the environment names a way. */
export function usualShare(environment: NodeJS.ProcessEnv): Share {
  if (environment[PUBLIC_URL]) return "internet";
  const wish = environment[VIEW_ADDRESS];
  return wish && viewAddresses(wish)?.length !== 0 ? "network" : "this-computer";
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
