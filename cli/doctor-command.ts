// `flybrowser doctor`: checks everything that is required and says how to fix what is missing. Changes nothing.
import { join } from "node:path";
import { FlyBrowserError, wordsOf } from "../protocol/errors.ts";
import { listControlFiles } from "../protocol/node/control-files.ts";
import { type System, THIS_SYSTEM } from "../protocol/node/data-directory.ts";
import { listRecordings, storedInfo } from "../protocol/node/recording-files.ts";
import { hostsDirectory, logFile, recordingsDirectory, stateDirectory } from "../protocol/node/state-directory.ts";
import { sentence } from "../protocol/sentence.ts";
import { runningHosts, stateDirectories } from "../sdk/page-host.ts";
import { BROWSER_NAMES } from "./browser-paths.ts";
import { writeBundle } from "./doctor/bundle.ts";
import { type Finding, missing, note, ok } from "./doctor/finding.ts";
import { browserFindings, buildFindings, ffmpegFinding, nodeFinding, relayFinding } from "./doctor/machine.ts";
import { registrationFindings } from "./doctor/registration.ts";
import { count, printJson, say } from "./report.ts";

async function registrations(system: System): Promise<Finding[]> {
  const findings = await Promise.all(BROWSER_NAMES.map((name) => registrationFindings(name, system)));
  const registered = findings.flat();
  if (registered.length > 0) return registered;
  const what = "registered with no browser; `flybrowser stream` doesn't need that";
  return [note("Host in your browsers", what, "To stream from your own browser, run `flybrowser install`.")];
}

async function hosts(): Promise<Finding[]> {
  const findings = runningHosts().map(async (host) => {
    const name = `Running host ${host.file.pid}`;
    const where = `http://127.0.0.1:${host.file.port}`;
    return host.listStreams().then(
      (streams) => ok(name, `${where}, ${count(streams.length, "stream")}`),
      (error: Error) => missing(name, `${where}: ${error.message}`, "Restart its browser."),
    );
  });
  const found = await Promise.all(findings);
  return found.length > 0 ? found : [note("Running hosts", "none")];
}

function recordings(): Finding[] {
  const folder = recordingsDirectory();
  const all = listRecordings(folder).map(storedInfo);
  const problems = all.flatMap(({ recording_id, status, file_path, error }) => {
    const name = `Recording ${recording_id}`;
    if (status === "interrupted") {
      const fix = "The next host that starts will finish it: open your browser, or run `flybrowser stream`.";
      return note(name, `unfinished: ${file_path}`, fix);
    }
    return status === "failed" ? note(name, error?.message ?? "could not be finished", error?.fix ?? null) : [];
  });
  return [
    note("Recordings", `${all.length} (see \`flybrowser recordings\`); unfinished ones are in ${folder}`),
    ...problems,
  ];
}

function paths(): Finding[] {
  const stateDir = stateDirectory();
  const files = stateDirectories().flatMap((directory) =>
    listControlFiles(directory).map(({ pid }) => join(hostsDirectory(directory), `${pid}.json`)),
  );
  const token = files.length > 0 ? files.join(", ") : `${hostsDirectory(stateDir)}/<pid>.json while a host runs`;
  return [note("Host log", logFile(stateDir)), note("Control API port and token", token)];
}

/** Checks everything. */
async function examine(system: System): Promise<Finding[]> {
  return [
    nodeFinding(),
    ffmpegFinding(system),
    ...browserFindings(system),
    ...buildFindings(),
    relayFinding(),
    ...(await registrations(system)),
    ...(await hosts()),
    ...recordings(),
    ...paths(),
  ];
}

const MARKS = { ok: "✓", note: "·", missing: "✗" } as const;

/** Flags of {@link doctorCommand}. */
export interface DoctorFlags {
  readonly json?: boolean;
  /** Also write a file for a bug report: this one. */
  readonly bundle?: string;
}

/**
 * Shows the findings. The exit status is 1 if something required is missing.
 * @throws FlyBrowserError `file_unusable`: the bundle can't be written.
 */
export async function doctorCommand({ json = false, bundle }: DoctorFlags): Promise<void> {
  const findings = await examine(THIS_SYSTEM);
  if (bundle !== undefined) {
    try {
      writeBundle(bundle, findings);
    } catch (cause) {
      const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
      const reason = missing ? sentence("recording.no_folder") : wordsOf(cause);
      throw new FlyBrowserError("file_unusable", { path: bundle, reason }, { cause });
    }
    say(
      `For a bug report: ${bundle}. Keys, tokens and your name have been taken out; look into it before you send it.`,
    );
  }
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
