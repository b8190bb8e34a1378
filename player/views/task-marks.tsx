// The tasks as marks over the timeline: where each began, how long it lasted, how it ended. The list beside the picture is
// the way to them for keys and screen readers.
import { useState } from "preact/hooks";
import { describeBehind } from "../format.ts";
import type { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import type { TaskRow } from "../tasks.ts";

/** The marks. `length`: s that the line shows, up to `edge` (s of the video's own time). */
export function TaskMarks({ snapshot, player, edge, length }: TaskMarksProps) {
  const [named, setNamed] = useState<TaskRow | null>(null);
  const share = (place: number) => Math.min(1, Math.max(0, 1 - (edge - place) / length));
  const rows = snapshot.tasks.filter(
    ({ place, phase }) => place !== null && !(phase === "later" && snapshot.following),
  );
  return (
    <div class="task-marks" aria-hidden="true">
      {rows.map((row) => {
        const { task, phase, depth, place, end } = row;
        const from = share(place ?? 0);
        const to = share(end ?? place ?? 0);
        return (
          <button
            type="button"
            key={task.task_id}
            class="task-mark"
            tabIndex={-1}
            data-phase={phase}
            data-inner={depth > 0}
            style={{ "--from": String(from), "--to": String(Math.max(from, to)) }}
            onClick={() => player.seek(place ?? 0)}
            onPointerEnter={() => setNamed(row)}
            onPointerLeave={() => setNamed(null)}
          />
        );
      })}
      {named?.place != null && (
        <output class="task-mark-name" style={{ "--pointer": String(share(named.place)) }}>
          {named.task.name}
          <span class="task-mark-when">{describeBehind(edge - named.place)}</span>
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
