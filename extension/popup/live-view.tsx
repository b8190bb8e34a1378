// The running stream: its newest picture, time, health and its reasons, viewers, what the host has measured, the link.
import { useEffect, useState } from "preact/hooks";
import browser from "webextension-polyfill";
import type { CreateLinkOptions } from "../../protocol/links.ts";
import type { Share } from "../../protocol/options.ts";
import type { Quality } from "../../protocol/profiles.ts";
import type { StreamInfo } from "../../protocol/results.ts";
import { say, text } from "../../protocol/sentence.ts";
import { CopyButton } from "./copy-button.tsx";
import { bitrate, duration, frameRate, viewers, worthSaying } from "./format.ts";
import { LinkList } from "./link-list.tsx";
import { QrCode } from "./qr-code.tsx";
import { QualitySelect } from "./quality-select.tsx";
import { SharePicker } from "./share-picker.tsx";
import { useElapsed } from "./use-elapsed.ts";

const HEALTH_WORDS = { healthy: "popup.healthy", degraded: "popup.degraded", unhealthy: "popup.unhealthy" } as const;

/** s from the start in which the link is copied by itself. */
const JUST_STARTED = 10;
/** ms between two pictures of the stream. */
const PICTURE_EVERY = 3_000;

/** What a {@link LiveView} needs. */
export interface LiveViewProps {
  readonly stream: StreamInfo;
  readonly recovering: boolean;
  /** The choices that were just made, while they aren't fulfilled yet. */
  readonly quality: Quality | null;
  readonly sharing: Share | null;
  readonly onQuality: (quality: Quality) => void;
  readonly onShare: (share: Share) => void;
  readonly onCreateLink: (options: CreateLinkOptions) => void;
  readonly onRevokeLink: (link_id: string) => void;
}

/** The view. */
export function LiveView(props: LiveViewProps) {
  const { stream, recovering, quality, onQuality, sharing, onShare, onCreateLink, onRevokeLink } = props;
  const [showsQr, setShowsQr] = useState(false);
  const link = stream.player_url;
  const shared = link !== null && stream.share !== "this-computer";
  // The link may be a destination's page; the host makes the picture.
  const picture = usePicture(recovering ? null : (stream.links[0]?.player_url ?? null));
  const uptime = useElapsed(stream.uptime_seconds);
  const health = recovering ? "degraded" : stream.health;
  const reasons = recovering
    ? [text("popup.restoring")]
    : worthSaying(stream.health_reasons).map((reason) => asSentence(say(reason)));
  return (
    <section class="live" data-qr={shared && showsQr}>
      <div class="live-head">
        <span class="tab-picture">{picture !== null && <img src={picture} alt={text("popup.stream_now")} />}</span>
        <time class="uptime" role="timer" aria-label={text("popup.live_for")}>
          {duration(uptime)}
        </time>
        <span class="viewers">{viewers(stream.viewer_count)}</span>
      </div>
      <div class="health" data-health={health} role="status">
        <span class="health-word">{text(recovering ? "popup.recovering" : HEALTH_WORDS[health])}</span>
        <span class="health-reasons" title={reasons.join("\n")}>
          {reasons.join(" ") || text("popup.all_well")}
        </span>
      </div>
      <dl class="metrics">
        <div>
          <dt>{text("popup.resolution")}</dt>
          <dd>{`${stream.width}×${stream.height}`}</dd>
        </div>
        <div>
          <dt>{text("popup.frame_rate")}</dt>
          <dd>{frameRate(stream.metrics.current_fps)}</dd>
        </div>
        <div>
          <dt>{text("popup.bitrate")}</dt>
          <dd>{bitrate(stream.metrics.current_bitrate)}</dd>
        </div>
        <div>
          <dt id="live-quality">{text("popup.quality")}</dt>
          <dd>
            <QualitySelect stream={stream} becomes={quality} disabled={recovering} onChoose={onQuality} />
          </dd>
        </div>
      </dl>
      <label class="link">
        <input
          aria-label={text("popup.viewer_link")}
          readOnly
          value={link ?? text("popup.no_link")}
          onFocus={(event) => event.currentTarget.select()}
        />
      </label>
      <div class="row">
        <CopyButton
          text={link ?? ""}
          label={text("popup.copy_link")}
          className="button primary"
          atOnce={uptime < JUST_STARTED}
        />
        <button type="button" class="button" onClick={() => void browser.tabs.create({ url: link ?? "" })}>
          {text("popup.open_player")}
        </button>
      </div>
      {shared && (
        <button
          type="button"
          class="qr-toggle text-button"
          aria-expanded={showsQr}
          onClick={() => setShowsQr(!showsQr)}
        >
          {showsQr ? text("popup.hide_qr") : text("popup.show_qr")}
        </button>
      )}
      {shared && showsQr && <QrCode text={link} />}
      <SharePicker
        chosen={sharing ?? stream.share}
        disabled={sharing !== null || recovering}
        note={sharing === null ? asSentence(say(stream.share_note)) : text("popup.trying_link")}
        onChoose={onShare}
      />
      <LinkList links={stream.links} onCreate={onCreateLink} onRevoke={onRevokeLink} />
    </section>
  );
}

/** The stream's newest picture, made by the host; `null` until the first one. */
function usePicture(player_url: string | null): string | null {
  const [picture, setPicture] = useState<string | null>(null);
  useEffect(() => {
    if (player_url === null) return;
    const next = () => {
      const image = new Image();
      image.onload = () => setPicture(image.src);
      image.src = `${player_url.replace(/player$/, "poster.jpg")}?at=${Date.now()}`;
    };
    next();
    const timer = setInterval(next, PICTURE_EVERY);
    return () => clearInterval(timer);
  }, [player_url]);
  return picture;
}

/** Reasons are phrases for the middle of a line; here each stands for itself. */
function asSentence(reason: string): string {
  return `${reason.charAt(0).toLocaleUpperCase()}${reason.slice(1).replace(/\.$/, "")}.`;
}
