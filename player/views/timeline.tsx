// The timeline of the rewind window: shows the playback position and seeks to any other.
import { useEffect, useRef, useState } from "preact/hooks";
import { formatDuration } from "../format.ts";
import type { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import { behindLabel, TEXT } from "../wording.ts";
import { TaskMarks } from "./task-marks.tsx";

/** s; a shorter window gets no timeline. */
const SHORTEST = 3;
/** Step of the arrow keys, s. */
const KEY_STEP = 5;
/** Step of the slider, s. */
const STEP = 0.1;

/** The timeline. Its scale is the time behind live, so that it stands still while the stream goes on. */
export function Timeline({ snapshot, player }: { snapshot: Snapshot; player: Player }) {
  const [pointer, setPointer] = useState<{ behind: number; share: number } | null>(null);
  const range = snapshot.timeline;
  const length = range ? range.edge - range.oldest : 0;
  if (!range || length < SHORTEST) return <div class="timeline" />;

  const behind = snapshot.following ? 0 : Math.min(length, Math.max(0, range.edge - range.position));
  const seek = (to: number) => (to > -0.5 ? player.goLive() : player.seek(range.edge + to));
  const hover = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
    setPointer({ behind: (1 - share) * length, share });
  };
  const date = pointer && range.date_zero !== null ? range.date_zero + (range.edge - pointer.behind) * 1000 : null;
  const picture = date === null ? null : player.storyboard.at(date);
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
        step={STEP}
        value={-behind}
        aria-label={TEXT.seek}
        aria-valuetext={behindLabel(behind)}
        onInput={(event) => seek(event.currentTarget.valueAsNumber)}
        onKeyDown={(event) => {
          const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
          if (step === undefined) return;
          event.preventDefault();
          player.skip(step * KEY_STEP);
        }}
      />
      <TaskMarks snapshot={snapshot} player={player} edge={range.edge} length={length} />
      {pointer && (
        <output class="pointer-time" aria-hidden="true">
          <Thumbnail picture={picture} />
          {pointer.behind < 0.5 ? TEXT.live : `−${formatDuration(pointer.behind)}`}
        </output>
      )}
    </div>
  );
}

/** A picture of the storyboard. */
function Thumbnail({ picture }: { picture: HTMLCanvasElement | null }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (picture) canvas.current?.getContext("2d")?.drawImage(picture, 0, 0);
  }, [picture]);
  return picture && <canvas class="thumbnail" ref={canvas} width={picture.width} height={picture.height} />;
}
