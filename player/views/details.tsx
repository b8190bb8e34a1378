// The details beside the video (below it on an upright screen): protocol, statistics, keyboard shortcuts.
import type { ComponentChildren } from "preact";
import { decimal } from "../../protocol/languages.ts";
import { text } from "../../protocol/sentence.ts";
import { embedCode } from "../display-options.ts";
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
import { type Player, SPEEDS } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import { PROTOCOL_LABEL, SHORTCUTS, TEXT } from "../wording.ts";
import { CopyButton } from "./copy-button.tsx";
import { icons } from "./icons.tsx";
import { LatencyGraph } from "./latency-graph.tsx";

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
      <label class="field">
        <span>{TEXT.speed}</span>
        <select
          value={snapshot.speed}
          disabled={snapshot.timeline === null}
          onChange={(event) => player.setSpeed(Number(event.currentTarget.value))}
        >
          {SPEEDS.map((speed) => (
            <option key={speed} value={speed} disabled={speed > 1 && snapshot.following}>
              {speed === 1 ? TEXT.normal_speed : `${speed}×`}
            </option>
          ))}
        </select>
      </label>
      <CopyButton label={TEXT.copy_moment} text={() => linkAt(snapshot)} />
      <CopyButton
        label={TEXT.copy_embed}
        text={() => embedCode(location.href, { width: stream?.width ?? 0, height: stream?.height ?? 0 })}
      />
      <LatencyGraph latencies={stats.latencies} />
      <dl class="stats">
        <Stat name={TEXT.latency}>{formatLatency(stats.latency)}</Stat>
        <Stat name={TEXT.target_latency}>{formatSeconds(stats.target)}</Stat>
        <Stat name={TEXT.buffer}>{formatSeconds(stats.buffered)}</Stat>
        <Stat name={TEXT.speed}>{stats.rate === 1 ? "1×" : `${decimal(stats.rate, 2)}×`}</Stat>
        <Stat name={TEXT.resolution}>{formatSize(stats.width, stats.height)}</Stat>
        <Stat name={TEXT.frame_rate}>{formatFrameRate(stats.frame_rate)}</Stat>
        <Stat name={TEXT.dropped_frames}>{formatCount(stats.dropped_frames)}</Stat>
        <Stat name={TEXT.bitrate}>{formatBitrate(stats.bitrate)}</Stat>
        <Stat name={TEXT.quality}>{stream ? text(`quality.${stream.quality}`) : UNKNOWN}</Stat>
        <Stat name={TEXT.live_since}>{stream ? formatTime(Date.parse(stream.started_at)) : UNKNOWN}</Stat>
      </dl>
      <h3>{TEXT.keyboard_shortcuts}</h3>
      <dl class="shortcuts">
        {SHORTCUTS.map(([key, action]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text(action)}</dd>
          </div>
        ))}
      </dl>
    </aside>
  );
}

/** The page's link with the moment that is shown, for as long as the rewind window has it. */
function linkAt({ timeline }: Snapshot): string {
  const link = new URL(location.href);
  link.hash = "";
  if (timeline?.date_zero == null) return link.href;
  link.searchParams.set("at", new Date(timeline.date_zero + timeline.position * 1000).toISOString());
  return link.href;
}

function Stat({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
