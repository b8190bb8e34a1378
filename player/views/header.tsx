// The line above the video (below it on an upright screen): title, phase, key figures, a button that copies the link.
import { useEffect, useState } from "preact/hooks";
import { formatFrameRate, formatLatency, formatSize } from "../format.ts";
import type { Snapshot } from "../snapshot.ts";
import type { Phase } from "../state-machine.ts";
import { PHASE_LABEL, TEXT } from "../wording.ts";
import { icons } from "./icons.tsx";

/** ms for which the result of copying is shown. */
const RESULT_SHOWN = 2_000;

/** The header. */
export function Header({ snapshot }: { snapshot: Snapshot | null }) {
  const stats = snapshot?.stats;
  const playing = snapshot?.phase === "live" || snapshot?.phase === "rewound";
  return (
    <header class="header">
      <icons.mark />
      <h1 class="title" title={snapshot?.stream?.tab_title}>
        {snapshot?.stream?.tab_title || TEXT.product}
      </h1>
      <p class="facts">
        {stats?.width && <span>{formatSize(stats.width, stats.height)}</span>}
        {playing && stats?.frame_rate && <span>{formatFrameRate(Math.round(stats.frame_rate))}</span>}
        {playing && stats?.latency != null && (
          <span title={TEXT.latency_hint}>{`${formatLatency(stats.latency)} ${TEXT.latency.toLowerCase()}`}</span>
        )}
      </p>
      <Badge phase={snapshot?.phase ?? "connecting"} />
      <CopyLink />
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

function CopyLink() {
  const [copied, setCopied] = useState<boolean | null>(null);
  useEffect(() => {
    if (copied === null) return;
    const timer = setTimeout(() => setCopied(null), RESULT_SHOWN);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => void copyLink().then(setCopied);
  return (
    <button type="button" class="link-button" onClick={copy}>
      {copied ? <icons.check /> : <icons.link />}
      <span aria-live="polite">{copied === null ? TEXT.copy_link : copied ? TEXT.copied : TEXT.copy_failed}</span>
    </button>
  );
}

/** Copies the page's URL to the clipboard; false if the browser refuses. */
async function copyLink(): Promise<boolean> {
  const url = location.href.split("#")[0] ?? location.href;
  try {
    await navigator.clipboard.writeText(url);
    return true;
  } catch {
    return copyWithoutClipboard(url);
  }
}

/** Pages served over plain HTTP by another machine have no `navigator.clipboard`. */
function copyWithoutClipboard(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const copied = document.execCommand("copy");
  field.remove();
  return copied;
}
