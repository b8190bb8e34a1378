// The recording of the tab: time, file, Stop; while its file is made, how far that is; afterwards, where it is.
import type { PopupState } from "../../protocol/extension-messages.ts";
import type { WayToOpen } from "../../protocol/results.ts";
import { text } from "../../protocol/sentence.ts";
import { duration, fileName, fileSize } from "./format.ts";
import { useElapsed } from "./use-elapsed.ts";

/** What a {@link RecordingRow} needs. */
export interface RecordingRowProps {
  readonly phase: PopupState["recording_phase"];
  readonly recording: PopupState["recording"];
  readonly onStop: () => void;
  readonly onOpen: (way: WayToOpen) => void;
}

/** The row; nothing where nothing was recorded. */
export function RecordingRow({ phase, recording, onStop, onOpen }: RecordingRowProps) {
  const elapsed = useElapsed(recording?.duration_seconds ?? null);
  if (phase === "starting") return <Row phase={phase} head={text("record.starting")} detail="" title="" />;
  if (!recording) return null;
  const { file_path, duration_seconds, size_bytes, progress, status } = recording;
  const file = { detail: fileName(file_path), title: file_path };
  if (phase === "finishing") {
    return <Row phase={phase} head={text("record.saving", { percent: Math.floor((progress ?? 0) * 100) })} {...file} />;
  }
  if (phase === "idle") {
    if (status !== "finished" && status !== "recovered") return null;
    return (
      <Row
        phase={phase}
        head={text("record.done", { duration: duration(duration_seconds), size: fileSize(size_bytes) })}
        {...file}
      >
        <span class="recording-ways">
          <button type="button" class="text-button" onClick={() => onOpen("play")}>
            {text("record.play")}
          </button>
          <button type="button" class="text-button" onClick={() => onOpen("show")}>
            {text("record.show")}
          </button>
        </span>
      </Row>
    );
  }
  return (
    <Row phase={phase} head={text("record.running", { duration: duration(elapsed) })} {...file}>
      <button type="button" class="button danger small" disabled={phase === "stopping"} onClick={onStop}>
        {phase === "stopping" ? text("popup.stopping_now") : text("record.stop")}
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
