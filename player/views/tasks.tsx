// What the agent does, beside the picture (below it on an upright screen): a live list that keeps step with the picture.
// A click goes to where a task began, as long as one can go back there. Holds no state of playback.
import { useEffect, useRef } from "preact/hooks";
import { formatDuration, formatSeconds } from "../format.ts";
import type { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import type { TaskPhase, TaskRow } from "../tasks.ts";
import { icons } from "./icons.tsx";

/** Levels that are set in; deeper ones stand with the last. */
const MOST_SET_IN = 4;
/** px from its end within which the list follows what is new. */
const NEAR_END = 40;

const PHASE_WORDS: Record<TaskPhase, string> = {
  running: "running",
  done: "done",
  failed: "failed",
  later: "not yet begun",
};

/** The list. */
export function Tasks({ snapshot, player }: { snapshot: Snapshot; player: Player }) {
  const list = useRef<HTMLOListElement>(null);
  const follows = useRef(true);
  // Who follows the edge doesn't see ahead of the picture; who went back does: it is where one can go.
  const rows = snapshot.tasks.filter(({ phase }) => phase !== "later" || !snapshot.following);
  const running = rows.filter(({ phase }) => phase === "running").length;
  const last = rows.at(-1);
  const newest = `${rows.length} ${last?.task.task_id} ${last?.phase}`;
  useEffect(() => {
    if (follows.current && newest) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [newest]);

  const scrolled = (event: Event) => {
    const { scrollHeight, scrollTop, clientHeight } = event.currentTarget as HTMLElement;
    follows.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
  };
  return (
    <section class="tasks" aria-label="Tasks">
      <div class="tasks-head">
        <h2>Tasks</h2>
        <span class="tasks-count">{running > 0 ? `${running} running` : `${rows.length}`}</span>
      </div>
      <ol ref={list} class="tasks-list" onScroll={scrolled} aria-live="polite" aria-relevant="additions">
        {rows.map((row) => (
          <Row key={row.task.task_id} row={row} snapshot={snapshot} player={player} />
        ))}
      </ol>
    </section>
  );
}

function Row({ row, snapshot, player }: { row: TaskRow; snapshot: Snapshot; player: Player }) {
  const { task, depth, phase, lasted, place } = row;
  const started = snapshot.stream ? Date.parse(snapshot.stream.started_at) : Number.NaN;
  const into = (Date.parse(task.started_at) - started) / 1000;
  const detail = phase === task.state ? task.detail : null;
  const content = (
    <>
      <PhaseIcon phase={phase} />
      <span class="task-text">
        <span class="task-name">{task.name}</span>
        {detail && <span class="task-detail">{detail}</span>}
      </span>
      <span class="task-time">
        <span>{formatDuration(into)}</span>
        {lasted !== null && <span class="task-lasted">{lastedText(lasted)}</span>}
      </span>
      <span class="visually-hidden">{PHASE_WORDS[phase]}</span>
    </>
  );
  return (
    <li class="task" data-phase={phase} style={{ "--depth": String(Math.min(depth, MOST_SET_IN)) }}>
      {place === null ? (
        <div class="task-row">{content}</div>
      ) : (
        <button type="button" class="task-row" title="Go to where it began" onClick={() => player.seek(place)}>
          {content}
        </button>
      )}
    </li>
  );
}

/** Under a minute with a tenth: steps of an agent are short. */
function lastedText(seconds: number): string {
  return seconds < 60 ? formatSeconds(seconds) : formatDuration(seconds);
}

function PhaseIcon({ phase }: { phase: TaskPhase }) {
  if (phase === "done") return <icons.done />;
  if (phase === "failed") return <icons.failed />;
  return <span class={phase === "running" ? "task-spinner" : "task-later"} aria-hidden="true" />;
}
