// Whom streams are shared with that don't say so.
import { PUBLIC_URL } from "../../protocol/node/host-settings.ts";
import { VIEW_ADDRESS, viewAddresses } from "../../protocol/node/view-addresses.ts";
import type { Share } from "../../protocol/options.ts";

/** Whom they are shared with: as wide as the environment names a way. */
export function usualShare(environment: NodeJS.ProcessEnv): Share {
  if (environment[PUBLIC_URL]) return "internet";
  const wish = environment[VIEW_ADDRESS];
  return wish && viewAddresses(wish)?.length !== 0 ? "network" : "this-computer";
}
