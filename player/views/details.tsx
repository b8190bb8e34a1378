// The details beside the video (below it on an upright screen): protocol, statistics, keyboard shortcuts.
import type { ComponentChildren } from "preact";
import type { PlaybackProtocol } from "../engines/engine.ts";
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
import { PROTOCOL_LABEL, SHORTCUTS, TEXT } from "../wording.ts";
import { icons } from "./icons.tsx";

/** The panel. */
export function Details({ snapshot, player, close }: { snapshot: Snapshot; player: Player; close: () => void }) {
  const { stats, stream } = snapshot;
  return (
    <aside class="details" aria-label={TEXT.details}>
      <div class="details-head">
        <h2>{TEXT.details}</h2>
        <button type="button" class="button" aria-label={TEXT.close_details} onClick={close}>
          <icons.close />
        </button>
      </div>
      <label class="field">
        <span>{TEXT.protocol}</span>
        <select
          value={snapshot.protocol ?? ""}
          onChange={(event) => player.selectProtocol(event.currentTarget.value as PlaybackProtocol)}
        >
          {snapshot.protocols.map((protocol) => (
            <option key={protocol} value={protocol}>
              {PROTOCOL_LABEL[protocol]}
            </option>
          ))}
        </select>
      </label>
      <dl class="stats">
        <Stat name={TEXT.latency}>{formatLatency(stats.latency)}</Stat>
        <Stat name={TEXT.target_latency}>{formatSeconds(stats.target)}</Stat>
        <Stat name={TEXT.buffer}>{formatSeconds(stats.buffered)}</Stat>
        <Stat name={TEXT.speed}>{stats.rate === 1 ? "1×" : `${stats.rate.toFixed(2)}×`}</Stat>
        <Stat name={TEXT.resolution}>{formatSize(stats.width, stats.height)}</Stat>
        <Stat name={TEXT.frame_rate}>{formatFrameRate(stats.frame_rate)}</Stat>
        <Stat name={TEXT.dropped_frames}>{formatCount(stats.dropped_frames)}</Stat>
        <Stat name={TEXT.bitrate}>{formatBitrate(stats.bitrate)}</Stat>
        <Stat name={TEXT.quality}>{stream?.quality.replaceAll("_", " ") ?? UNKNOWN}</Stat>
        <Stat name={TEXT.live_since}>{stream ? formatTime(Date.parse(stream.started_at)) : UNKNOWN}</Stat>
      </dl>
      <h3>{TEXT.keyboard_shortcuts}</h3>
      <dl class="shortcuts">
        {SHORTCUTS.map(([key, action]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{action}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}

function Stat({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
