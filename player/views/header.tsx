// The line above the video (below it on an upright screen): title, phase, key figures, a button that copies the link.
import { text } from "../../protocol/sentence.ts";
import { formatFrameRate, formatLatency, formatSize } from "../format.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Phase } from "../state-machine.ts";
import { PHASE_LABEL, streamTitle, TEXT } from "../wording.ts";
import { CopyButton } from "./copy-button.tsx";
import { icons } from "./icons.tsx";

/** The header. */
export function Header({ snapshot }: { snapshot: Snapshot | null }) {
  const stats = snapshot?.stats;
  const playing = snapshot?.phase === "live" || snapshot?.phase === "rewound";
  return (
    <header class="header">
      <icons.mark />
      <h1 class="title" title={streamTitle(snapshot?.stream)}>
        {streamTitle(snapshot?.stream)}
      </h1>
      <p class="facts">
        {stats?.width && <span>{formatSize(stats.width, stats.height)}</span>}
        {playing && stats?.frame_rate && <span>{formatFrameRate(Math.round(stats.frame_rate))}</span>}
        {playing && stats?.latency != null && (
          <span title={TEXT.latency_hint}>{text("player.latency_of", { time: formatLatency(stats.latency) })}</span>
        )}
      </p>
      <Badge phase={snapshot?.phase ?? "connecting"} />
      <CopyButton label={TEXT.copy_link} text={() => location.href.split("#")[0] ?? location.href} />
    </header>
  );
}

/** The phase; announced to screen readers when it changes. */
function Badge({ phase }: { phase: Phase }) {
  return (
    <span class="badge" data-phase={phase} role="status">
      <span class="dot" aria-hidden="true" />
      {PHASE_LABEL[phase]}
    </span>
  );
}
