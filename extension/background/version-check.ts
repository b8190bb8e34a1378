// Whether host and extension understand each other.
// Never talks to the host.
import { FlyBrowserError } from "../../protocol/errors.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";

/**
 * Checks that the host speaks our version.
 * @throws FlyBrowserError `version_mismatch`, naming the side to update
 */
export function checkVersion(host_version: number): void {
  if (host_version === PROTOCOL_VERSION) return;
  const extensionIsOlder = PROTOCOL_VERSION < host_version;
  throw new FlyBrowserError("version_mismatch", {
    older: extensionIsOlder ? "The extension" : "The host",
    older_version: Math.min(PROTOCOL_VERSION, host_version),
    newer: extensionIsOlder ? "the host" : "the extension",
    newer_version: Math.max(PROTOCOL_VERSION, host_version),
  });
}
