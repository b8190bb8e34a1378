// What the agent does, beside the video (below it on an upright screen): a live list in step with the video. A click seeks to
// the start of a task while that is still in the timeline.
import { useEffect, useRef } from "preact/hooks";
import { formatDuration, formatSeconds } from "../format.ts";
import type { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import type { TaskPhase, TaskRow } from "../tasks.ts";
import { TASK_LABEL, TEXT, taskCount, whileControlled } from "../wording.ts";
import { icons } from "./icons.tsx";

/** Levels that are indented; deeper ones aren't indented further. */
const MAX_INDENT = 4;
/** px from the end of the list within which it scrolls along with new tasks. */
const NEAR_END = 40;

/** The list. */
export function Tasks({ snapshot, player }: { snapshot: Snapshot; player: Player }) {
  const list = useRef<HTMLOListElement>(null);
  const atEnd = useRef(true);
  // At the live edge a list ahead of the video would spoil it; further back it shows where one can seek to.
  const rows = snapshot.tasks.filter(({ phase }) => phase !== "upcoming" || !snapshot.following);
  const over = snapshot.phase === "ended";
  const running = over ? 0 : rows.filter(({ phase }) => phase === "running").length;
  const last = rows.at(-1);
  const newest = `${rows.length} ${last?.task.task_id} ${last?.phase}`;
  useEffect(() => {
    if (atEnd.current && newest) list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [newest]);

  const scrolled = (event: Event) => {
    const { scrollHeight, scrollTop, clientHeight } = event.currentTarget as HTMLElement;
    atEnd.current = scrollHeight - scrollTop - clientHeight < NEAR_END;
  };
  return (
    <section class="tasks" aria-label={TEXT.tasks}>
      <div class="tasks-head">
        <h2>{TEXT.tasks}</h2>
        <span class="tasks-count">{taskCount(running, rows.length)}</span>
      </div>
      {/* Without a row to press (WebRTC has no past) the list itself takes the focus, to be scrolled by keys. */}
      <ol
        ref={list}
        class="tasks-list"
        onScroll={scrolled}
        aria-live="polite"
        aria-relevant="additions"
        tabIndex={rows.some(({ start }) => start !== null) ? undefined : 0}
      >
        {rows.map((row) => (
          <Row key={row.task.task_id} row={row} snapshot={snapshot} player={player} />
        ))}
      </ol>
    </section>
  );
}

function Row({ row, snapshot, player }: { row: TaskRow; snapshot: Snapshot; player: Player }) {
  const { task, depth, phase, duration, start } = row;
  const stream_start = snapshot.stream ? Date.parse(snapshot.stream.started_at) : Number.NaN;
  const offset = (Date.parse(task.started_at) - stream_start) / 1000;
  const by = task.controlled_by === undefined ? [] : [whileControlled(task.controlled_by)];
  const detail = [...(phase === task.state && task.detail ? [task.detail] : []), ...by].join(" · ");
  const content = (
    <>
      <PhaseIcon phase={phase} />
      <span class="task-text">
        <span class="task-name">{task.name}</span>
        {detail && <span class="task-detail">{detail}</span>}
      </span>
      <span class="task-time">
        <span>{formatDuration(offset)}</span>
        {duration !== null && <span class="task-duration">{taskDuration(duration)}</span>}
      </span>
      <span class="visually-hidden">{TASK_LABEL[phase]}</span>
    </>
  );
  return (
    <li class="task" data-phase={phase} style={{ "--depth": String(Math.min(depth, MAX_INDENT)) }}>
      {start === null ? (
        <div class="task-row">{content}</div>
      ) : (
        <button type="button" class="task-row" title={TEXT.jump_to_task} onClick={() => player.seek(start)}>
          {content}
        </button>
      )}
    </li>
  );
}

/** With tenths below a minute: the steps of an agent are short. */
function taskDuration(seconds: number): string {
  return seconds < 60 ? formatSeconds(seconds) : formatDuration(seconds);
}

function PhaseIcon({ phase }: { phase: TaskPhase }) {
  if (phase === "done") return <icons.done />;
  if (phase === "failed") return <icons.failed />;
  return <span class={phase === "running" ? "task-spinner" : "task-upcoming"} aria-hidden="true" />;
}
