// The tasks as markers on the timeline: where each started, how long it took, how it ended. Keyboards and screen readers use
// the list beside the video instead.
import { useState } from "preact/hooks";
import type { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import type { TaskRow } from "../tasks.ts";
import { behindLabel } from "../wording.ts";

/** The markers. The timeline shows `length` s up to `edge`, in s of the video element's own time. */
export function TaskMarks({ snapshot, player, edge, length }: TaskMarksProps) {
  const [hovered, setHovered] = useState<TaskRow | null>(null);
  const share = (position: number) => Math.min(1, Math.max(0, 1 - (edge - position) / length));
  const rows = snapshot.tasks.filter(
    ({ start, phase }) => start !== null && !(phase === "upcoming" && snapshot.following),
  );
  return (
    <div class="task-marks" aria-hidden="true">
      {rows.map((row) => {
        const { task, phase, depth, start, end } = row;
        const from = share(start ?? 0);
        const to = share(end ?? start ?? 0);
        return (
          <button
            type="button"
            key={task.task_id}
            class="task-mark"
            tabIndex={-1}
            data-phase={phase}
            data-inner={depth > 0}
            style={{ "--from": String(from), "--to": String(Math.max(from, to)) }}
            onClick={() => player.seek(start ?? 0)}
            onPointerEnter={() => setHovered(row)}
            onPointerLeave={() => setHovered(null)}
          />
        );
      })}
      {hovered?.start != null && (
        <output class="task-mark-name" style={{ "--pointer": String(share(hovered.start)) }}>
          {hovered.task.name}
          <span class="task-mark-when">{behindLabel(edge - hovered.start)}</span>
        </output>
      )}
    </div>
  );
}

interface TaskMarksProps {
  readonly snapshot: Snapshot;
  readonly player: Player;
  readonly edge: number;
  readonly length: number;
}
