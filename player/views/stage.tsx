// The video and what lies over it: notice, unmute button, and controls that hide while the viewer is inactive.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import { noticeOf, placeNote, streamTitle, TEXT, videoLabel } from "../wording.ts";
import { Controls } from "./controls.tsx";
import type { DisplayMode } from "./display-modes.ts";
import { icons } from "./icons.tsx";
import { ControlSurface, type TakeOver } from "./take-over.tsx";

/** ms of inactivity after which the controls hide. */
const HIDE_AFTER = 3_000;

interface StageProps {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly still: RefObject<HTMLCanvasElement | null>;
  readonly player: Player | null;
  readonly snapshot: Snapshot | null;
  readonly fullscreen: DisplayMode;
  readonly pip: DisplayMode;
  readonly casting: DisplayMode;
  readonly details: boolean;
  readonly toggleDetails: () => void;
  readonly takeOver: TakeOver | null;
  readonly field: RefObject<HTMLTextAreaElement | null>;
  /** Whether a header stands above it, with the page's heading. */
  readonly headed: boolean;
}

/** The video with everything over it. */
export function Stage(props: StageProps) {
  const { video, still, player, snapshot, fullscreen } = props;
  const stage = useRef<HTMLElement>(null);
  const [active, setActive] = useViewerActivity();
  const phase = snapshot?.phase ?? "connecting";
  const shown = active || phase === "paused" || phase === "ended";

  // Not every browser's click says what it was made with.
  const pointer = useRef("mouse");
  const click = () => {
    const touch = pointer.current === "touch";
    // A tap shows or hides the controls; for a mouse they are there already, and a click pauses.
    if (touch) setActive(!active);
    else if (phase !== "ended" && phase !== "connecting") player?.togglePause();
  };
  return (
    <main
      class="stage"
      ref={stage}
      data-controls={shown}
      style={{ "--aspect-ratio": aspectRatio(snapshot) }}
      onPointerDown={(event) => {
        pointer.current = event.pointerType;
      }}
      onPointerMove={(event) => event.pointerType !== "touch" && setActive(true)}
      onPointerLeave={(event) => event.pointerType !== "touch" && setActive(false)}
      onFocusIn={() => setActive(true)}
      onKeyDown={() => setActive(true)}
    >
      {!props.headed && <h1 class="visually-hidden">{streamTitle(snapshot?.stream)}</h1>}
      <canvas class="still" ref={still} hidden />
      <video
        class="video"
        ref={video}
        muted
        playsInline
        disableRemotePlayback
        aria-label={videoLabel(snapshot?.stream?.tab_title)}
        onClick={click}
        onDblClick={fullscreen.toggle}
      />
      <Notice snapshot={snapshot} player={player} />
      <p class="place-note" role="status">
        {snapshot && placeNote(snapshot)}
      </p>
      {snapshot && player && <UnmuteButton snapshot={snapshot} player={player} />}
      {snapshot && player && <Controls {...props} snapshot={snapshot} player={player} />}
      {props.takeOver?.state.state === "yours" && (
        <ControlSurface takeOver={props.takeOver} video={video} field={props.field} />
      )}
    </main>
  );
}

/** Whether the viewer moved, tapped or pressed a key lately, and a function that says so (`true`) or that they left (`false`). */
function useViewerActivity(): [boolean, (active: boolean) => void] {
  const [active, setActive] = useState(true);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const report = (now: boolean) => {
    clearTimeout(timer.current);
    setActive(now);
    if (now) timer.current = setTimeout(() => setActive(false), HIDE_AFTER);
  };
  useEffect(() => {
    report(true);
    return () => clearTimeout(timer.current);
  }, []);
  return [active, report];
}

/** What the notice goes by before there is a player. */
const BEFORE_START = {
  phase: "connecting",
  since: 0,
  stream: null,
  ended_at: null,
  unsupported: false,
  undecodable: false,
} as const;

function Notice({ snapshot, player }: { snapshot: Snapshot | null; player: Player | null }) {
  const notice = noticeOf(snapshot ?? BEFORE_START);
  if (!notice) return null;
  const phase = snapshot?.phase ?? "connecting";
  const waiting =
    !snapshot?.unsupported &&
    !snapshot?.undecodable &&
    (phase === "connecting" || phase === "reconnecting" || phase === "lost");
  return (
    <div class="notice" data-phase={phase}>
      {waiting && <span class="spinner" aria-hidden="true" />}
      {phase === "paused" ? (
        <button type="button" class="big-play" aria-label={TEXT.play} onClick={() => player?.resume()}>
          <icons.play />
        </button>
      ) : (
        <p class="notice-title">{notice.title}</p>
      )}
      {notice.text && <p class="notice-text">{notice.text}</p>}
      {phase === "ended" && (snapshot?.replayable || snapshot?.recording) && (
        <div class="notice-buttons">
          {snapshot.replayable && (
            <button type="button" class="watch-again" onClick={() => void player?.watchAgain()}>
              {TEXT.watch_again}
            </button>
          )}
          {snapshot.recording && (
            <a class="watch-again recording" href={snapshot.recording} target="_blank" rel="noopener">
              {TEXT.watch_recording}
            </a>
          )}
        </div>
      )}
    </div>
  );
}

/** Autoplay is muted: unmuting must be in plain sight until the viewer has touched the sound. */
function UnmuteButton({ snapshot, player }: { snapshot: Snapshot; player: Player }) {
  const playing = snapshot.phase === "live" || snapshot.phase === "rewound";
  if (!playing || !snapshot.muted || snapshot.sound_touched || snapshot.stream?.has_audio === false) return null;
  return (
    // The same as the button in the control bar, which keyboards and screen readers use.
    <button
      type="button"
      class="unmute-button"
      tabIndex={-1}
      aria-hidden="true"
      onClick={() => player.sound.toggleMuted()}
    >
      <icons.muted />
      {TEXT.unmute}
    </button>
  );
}

/** Aspect ratio of the video, or of the stream until its first frame. */
function aspectRatio(snapshot: Snapshot | null): string {
  const width = snapshot?.stats.width ?? snapshot?.stream?.width;
  const height = snapshot?.stats.height ?? snapshot?.stream?.height;
  return width && height ? `${width} / ${height}` : "16 / 9";
}
