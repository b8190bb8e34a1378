// The running stream: time, health and its reasons, viewers, figures, the link.
// Never computes a figure: the host measures them.
import browser from "webextension-polyfill";
import type { StreamInfo } from "../../protocol/results.ts";
import { CopyButton } from "./copy-button.tsx";
import { bitrate, duration, frameRate, QUALITY_NAMES, viewers } from "./format.ts";
import { useElapsed } from "./use-elapsed.ts";

const HEALTH_WORDS = { healthy: "Healthy", degraded: "Degraded", unhealthy: "Unhealthy" } as const;

/** What a {@link LiveView} needs. */
export interface LiveViewProps {
  readonly stream: StreamInfo;
  readonly recovering: boolean;
}

/** The view. */
export function LiveView({ stream, recovering }: LiveViewProps) {
  const uptime = useElapsed(stream.started_at);
  const health = recovering ? "degraded" : stream.health;
  const reasons = recovering ? ["The connection is being restored; viewers keep their link"] : stream.health_reasons;
  return (
    <section class="live">
      <div class="live-head">
        <time class="uptime" role="timer" aria-label="Live for">
          {duration(uptime)}
        </time>
        <span class="viewers">{viewers(stream.viewer_count)}</span>
      </div>
      <div class="health" data-health={health} role="status">
        <span class="health-word">{recovering ? "Reconnecting" : HEALTH_WORDS[health]}</span>
        <span class="health-reasons" title={reasons.join("\n")}>
          {reasons.join(". ") || "Picture and sound arrive as they should"}
        </span>
      </div>
      <dl class="figures">
        <div>
          <dt>Picture</dt>
          <dd>{`${stream.width}×${stream.height}`}</dd>
        </div>
        <div>
          <dt>Rate</dt>
          <dd>{frameRate(stream.metrics.current_fps)}</dd>
        </div>
        <div>
          <dt>Bitrate</dt>
          <dd>{bitrate(stream.metrics.current_bitrate)}</dd>
        </div>
        <div>
          <dt>Quality</dt>
          <dd>{QUALITY_NAMES[stream.quality]}</dd>
        </div>
      </dl>
      <label class="link">
        <span class="link-label">Link for viewers</span>
        <input readOnly value={stream.player_url} onFocus={(event) => event.currentTarget.select()} />
      </label>
      <div class="row">
        <CopyButton text={stream.player_url} label="Copy link" className="button primary" />
        <button type="button" class="button" onClick={() => void browser.tabs.create({ url: stream.player_url })}>
          Open player
        </button>
      </div>
    </section>
  );
}
