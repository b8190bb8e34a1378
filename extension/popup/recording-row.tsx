// The recording of the tab: time, file, Stop; while its file is made, how far that is; afterwards, where it is.
import type { PopupState } from "../../protocol/extension-messages.ts";
import { duration, fileName, fileSize } from "./format.ts";
import { useElapsed } from "./use-elapsed.ts";

/** What a {@link RecordingRow} needs. */
export interface RecordingRowProps {
  readonly phase: PopupState["recording_phase"];
  readonly recording: PopupState["recording"];
  readonly onStop: () => void;
}

/** The row; nothing where nothing was recorded. */
export function RecordingRow({ phase, recording, onStop }: RecordingRowProps) {
  const elapsed = useElapsed(recording?.duration_seconds ?? null);
  if (phase === "starting") return <Row phase={phase} head="Starting the recording…" detail="" title="" />;
  if (!recording) return null;
  const { file_path, duration_seconds, size_bytes, progress, status } = recording;
  const file = { detail: fileName(file_path), title: file_path };
  if (phase === "finishing") {
    return <Row phase={phase} head={`Saving the recording: ${Math.floor((progress ?? 0) * 100)}%`} {...file} />;
  }
  if (phase === "idle") {
    if (status !== "finished" && status !== "recovered") return null;
    return <Row phase={phase} head={`Recorded ${duration(duration_seconds)}, ${fileSize(size_bytes)}`} {...file} />;
  }
  return (
    <Row phase={phase} head={`Recording ${duration(elapsed)}`} {...file}>
      <button type="button" class="button danger small" disabled={phase === "stopping"} onClick={onStop}>
        {phase === "stopping" ? "Stopping…" : "Stop recording"}
      </button>
    </Row>
  );
}

interface RowProps {
  readonly phase: PopupState["recording_phase"];
  readonly head: string;
  readonly detail: string;
  /** The whole path, for whoever points at it. */
  readonly title: string;
  readonly children?: preact.ComponentChildren;
}

function Row({ phase, head, detail, title, children }: RowProps) {
  return (
    <section class="recording" data-recording={phase} role="status">
      <span class="recording-words">
        <span class="recording-head">{head}</span>
        <span class="recording-file" title={title}>
          {detail}
        </span>
      </span>
      {children}
    </section>
  );
}
