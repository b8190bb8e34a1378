// How to let a port through the firewall of this computer, in the words of the program that guards it here.
import { existsSync } from "node:fs";
import { type Sentence, sentence } from "../../protocol/sentence.ts";

/** What the hint depends on. */
export interface FirewallFacts {
  readonly platform: NodeJS.Platform;
  readonly exists: (path: string) => boolean;
}

const HERE: FirewallFacts = { platform: process.platform, exists: existsSync };

/** The hint; empty where it isn't known what guards the computer. */
export function firewallHint(port: number, { platform, exists }: FirewallFacts = HERE): Sentence {
  if (platform === "win32") return sentence("share.firewall_windows");
  if (platform === "darwin") return sentence("share.firewall_macos");
  if (exists("/usr/sbin/ufw")) return sentence("share.firewall_ufw", { port: String(port) });
  if (exists("/usr/bin/firewall-cmd")) return sentence("share.firewall_firewalld", { port: String(port) });
  return sentence("share.firewall_unknown");
}
