// `flybrowser doctor`: looks at everything that is needed and says what to do about what is missing.
// Never changes anything.
import { join } from "node:path";
import { listControlFiles } from "../protocol/node/control-files.ts";
import { hostsDirectory, logFile, stateDirectory } from "../protocol/node/state-directory.ts";
import { runningHosts, stateDirectories } from "../sdk/page-host.ts";
import { BROWSER_NAMES, type System, THIS_SYSTEM } from "./browser-places.ts";
import { type Finding, missing, note, ok } from "./doctor/check.ts";
import { browserFindings, buildFindings, ffmpegFinding, nodeFinding } from "./doctor/machine.ts";
import { recordingFindings } from "./doctor/recordings.ts";
import { registrationFinding } from "./doctor/registration.ts";
import { printJson, say } from "./report.ts";

async function registrations(system: System): Promise<Finding[]> {
  const findings = await Promise.all(BROWSER_NAMES.map((name) => registrationFinding(name, system)));
  const registered = findings.filter((finding) => finding !== null);
  if (registered.length > 0) return registered;
  const what = "registered with no browser; `flybrowser stream` does not need it";
  return [note("Host in the user's browsers", what, "For the button in your own browser: flybrowser install")];
}

async function hosts(): Promise<Finding[]> {
  const findings = runningHosts().map(async (host) => {
    const name = `Running host ${host.file.pid}`;
    const where = `http://127.0.0.1:${host.file.port}`;
    return host.listStreams().then(
      (streams) => ok(name, `${where}, ${streams.length} streams`),
      (error: Error) => missing(name, `${where}: ${error.message}`, "Close its browser and open it again."),
    );
  });
  const found = await Promise.all(findings);
  return found.length > 0 ? found : [note("Running hosts", "none")];
}

function places(): Finding[] {
  const stateDir = stateDirectory();
  const files = stateDirectories().flatMap((directory) =>
    listControlFiles(directory).map(({ pid }) => join(hostsDirectory(directory), `${pid}.json`)),
  );
  const token = files.length > 0 ? files.join(", ") : `${hostsDirectory(stateDir)}/<pid>.json while a host runs`;
  return [note("Log of the host", logFile(stateDir)), note("Control port and token", token)];
}

/** Everything that doctor looks at. */
async function examine(system: System): Promise<Finding[]> {
  return [
    nodeFinding(),
    ffmpegFinding(system),
    ...browserFindings(system),
    ...buildFindings(),
    ...(await registrations(system)),
    ...(await hosts()),
    ...recordingFindings(),
    ...places(),
  ];
}

const MARKS = { ok: "✓", note: "·", missing: "✗" } as const;

/** Shows the findings; the exit status is 1 when something needed is missing. */
export async function doctorCommand({ json = false }: { json?: boolean }): Promise<void> {
  const findings = await examine(THIS_SYSTEM);
  const healthy = findings.every(({ state }) => state !== "missing");
  if (json) printJson({ healthy, findings });
  else {
    for (const { name, state, detail, fix } of findings) {
      say(`${MARKS[state]} ${name}: ${detail}`);
      if (fix !== null) say(`    → ${fix}`);
    }
  }
  if (!healthy) process.exitCode = 1;
}
