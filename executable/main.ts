// The single executable: the native host where a browser starts it, one of the host's own processes where a host does, else the
// command. Each is loaded only if it is the one.
import { FINISH_ARGUMENT } from "../native-host/finish-argument.ts";
import { GUARD_ARGUMENT } from "../native-host/sharing/tunnel-guard.ts";
import { RELAY_ARGUMENT } from "../native-host/sinks/relay/relay-argument.ts";

// What guards a tunnel passes on words of others, behind its own.
const [first = ""] = process.argv.slice(2);
// A browser passes the address of the extension (developer.chrome.com: Native messaging).
const ofHost =
  [FINISH_ARGUMENT, GUARD_ARGUMENT, RELAY_ARGUMENT].includes(first) ||
  process.argv.slice(2).some((word) => word.startsWith("chrome-extension://"));

if (ofHost) await import("../native-host/main.ts");
else await import("../cli/flybrowser.ts");
