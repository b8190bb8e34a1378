// Looks at what was recorded: what is not finished, and why. Never finishes anything.
import { listRecordings, storedInfo } from "../../protocol/node/recording-files.ts";
import { recordingsDirectory } from "../../protocol/node/state-directory.ts";
import { type Finding, note } from "./check.ts";

/** One finding for all recordings, and one for each that wants attention. */
export function recordingFindings(home: string = recordingsDirectory()): Finding[] {
  const all = listRecordings(home).map(storedInfo);
  const waiting = all.flatMap(({ recording_id, status, file_path, error }) => {
    const name = `Recording ${recording_id}`;
    if (status === "interrupted") {
      return note(
        name,
        `unfinished: ${file_path}`,
        "The next start of a host finishes it: open your browser, or stream.",
      );
    }
    return status === "failed" ? note(name, error?.message ?? "could not be finished", error?.fix ?? null) : [];
  });
  return [
    note("Recordings", `${all.length} (flybrowser recordings), kept in ${home} until they are finished`),
    ...waiting,
  ];
}
