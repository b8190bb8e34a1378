// The line of the last minute or more: where playback is, and the way to any other place in it. Never plays.
import { useState } from "preact/hooks";
import { describeBehind, formatDuration } from "../format.ts";
import type { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import { TaskMarks } from "./task-marks.tsx";

/** Shorter windows than this, s, aren't worth a line. */
const SHORTEST = 3;
/** Step of the arrow keys on the line, s. */
const STEP = 1;

/** The line. It shows the seconds behind live, so that it stands still while the stream goes on. */
export function Timeline({ snapshot, player }: { snapshot: Snapshot; player: Player }) {
  const [pointer, setPointer] = useState<{ behind: number; share: number } | null>(null);
  const line = snapshot.timeline;
  const length = line ? line.edge - line.oldest : 0;
  if (!line || length < SHORTEST) return <div class="timeline" />;

  const behind = snapshot.following ? 0 : Math.min(length, Math.max(0, line.edge - line.position));
  const seek = (to: number) => (to > -0.5 ? player.goLive() : player.seek(line.edge + to));
  const hover = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    setPointer({ behind: (1 - share) * length, share });
  };
  return (
    <div
      class="timeline"
      onPointerMove={hover}
      onPointerLeave={() => setPointer(null)}
      style={{ "--played": String(1 - behind / length), "--pointer": String(pointer?.share ?? 0) }}
    >
      <div class="track" aria-hidden="true" />
      <input
        class="scrubber"
        type="range"
        min={-length}
        max={0}
        step={STEP / 10}
        value={-behind}
        aria-label="Place in the stream"
        aria-valuetext={describeBehind(behind)}
        onInput={(event) => seek(event.currentTarget.valueAsNumber)}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -STEP, ArrowDown: -STEP, ArrowRight: STEP, ArrowUp: STEP }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          player.skip(step * 5);
        }}
      />
      <TaskMarks snapshot={snapshot} player={player} edge={line.edge} length={length} />
      {pointer && (
        <output class="pointer-time" aria-hidden="true">
          {pointer.behind < 0.5 ? "Live" : `−${formatDuration(pointer.behind)}`}
        </output>
      )}
    </div>
  );
}
