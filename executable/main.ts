// The single executable: the native host where a browser starts it, the finisher where a host leaves recordings to it, else the
// command. Each is loaded only if it is the one.
import { FINISH_ARGUMENT } from "../native-host/finish-argument.ts";

// A browser passes the address of the extension (developer.chrome.com: Native messaging).
const ofHost = (word: string) => word.startsWith("chrome-extension://") || word === FINISH_ARGUMENT;

if (process.argv.slice(2).some(ofHost)) await import("../native-host/main.ts");
else await import("../cli/flybrowser.ts");
