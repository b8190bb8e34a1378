// The line above the picture (below it on a phone held upright): what is streamed, how it is doing, its link.
import { useEffect, useState } from "preact/hooks";
import { formatFrameRate, formatLatency, formatSize } from "../format.ts";
import type { Snapshot } from "../snapshot.ts";
import { icons } from "./icons.tsx";
import { copyLink } from "./screen.ts";
import { StatusBadge } from "./status-badge.tsx";

/** ms for which "Copied" stands. */
const COPIED = 2_000;

/** The header. */
export function Header({ snapshot }: { snapshot: Snapshot | null }) {
  const figures = snapshot?.figures;
  const running = snapshot?.phase === "live" || snapshot?.phase === "rewound";
  return (
    <header class="header">
      <icons.mark />
      <h1 class="title" title={snapshot?.stream?.tab_title}>
        {snapshot?.stream?.tab_title || "FlyBrowser Stream"}
      </h1>
      <p class="facts">
        {figures?.width && <span>{formatSize(figures.width, figures.height)}</span>}
        {running && figures?.frame_rate && <span>{formatFrameRate(Math.round(figures.frame_rate))} fps</span>}
        {running && figures?.latency != null && (
          <span title="From the making of the picture to now">{formatLatency(figures.latency)} behind</span>
        )}
      </p>
      <StatusBadge phase={snapshot?.phase ?? "connecting"} />
      <CopyLink />
    </header>
  );
}

function CopyLink() {
  const [copied, setCopied] = useState<boolean | null>(null);
  useEffect(() => {
    if (copied === null) return;
    const timer = setTimeout(() => setCopied(null), COPIED);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = () => void copyLink().then(setCopied);
  return (
    <button type="button" class="link-button" onClick={copy}>
      {copied ? <icons.check /> : <icons.link />}
      <span aria-live="polite">{copied === null ? "Copy link" : copied ? "Copied" : "Not allowed"}</span>
    </button>
  );
}
