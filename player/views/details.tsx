// The panel beside the picture (below it on a phone): how it is viewed, what was measured, the keys. Only figures
// that were measured; a dash where one can't be known.
import type { ComponentChildren } from "preact";
import type { WayId } from "../engines/engine.ts";
import {
  formatBitrate,
  formatCount,
  formatFrameRate,
  formatLatency,
  formatSeconds,
  formatSize,
  formatTime,
  UNKNOWN,
} from "../format.ts";
import type { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import { icons } from "./icons.tsx";
import { SHORTCUTS } from "./keyboard.ts";

/** The panel. */
export function Details({ snapshot, player, close }: { snapshot: Snapshot; player: Player; close: () => void }) {
  const { figures, stream } = snapshot;
  return (
    <aside class="details" aria-label="Details">
      <div class="details-head">
        <h2>Details</h2>
        <button type="button" class="button" aria-label="Close details" onClick={close}>
          <icons.close />
        </button>
      </div>
      <label class="field">
        <span>Way to view</span>
        <select value={snapshot.way ?? ""} onChange={(event) => player.chooseWay(event.currentTarget.value as WayId)}>
          {snapshot.ways.map(({ id, label }) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <dl class="figures">
        <Figure name="Latency">{formatLatency(figures.latency)}</Figure>
        <Figure name="Aimed at">{formatSeconds(figures.target)}</Figure>
        <Figure name="Ready ahead">{formatSeconds(figures.buffered)}</Figure>
        <Figure name="Speed">{figures.rate === 1 ? "1×" : `${figures.rate.toFixed(2)}×`}</Figure>
        <Figure name="Picture">{formatSize(figures.width, figures.height)}</Figure>
        <Figure name="Frames a second">{formatFrameRate(figures.frame_rate)}</Figure>
        <Figure name="Dropped frames">{formatCount(figures.dropped_frames)}</Figure>
        <Figure name="Bitrate">{formatBitrate(figures.bitrate)}</Figure>
        <Figure name="Quality">{stream?.quality.replaceAll("_", " ") ?? UNKNOWN}</Figure>
        <Figure name="Live since">{stream ? formatTime(Date.parse(stream.started_at)) : UNKNOWN}</Figure>
      </dl>
      <h3>Keys</h3>
      <dl class="keys">
        {SHORTCUTS.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}

function Figure({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
