// The picture and what lies over it: notice, sound button, controls that hide while nobody moves.
import type { RefObject } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import { noticeOf } from "../wording.ts";
import { Controls } from "./controls.tsx";
import { icons } from "./icons.tsx";
import type { Toggle } from "./screen.ts";

/** ms without a movement after which the controls hide. */
const HIDE_AFTER = 3_000;

interface StageProps {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly still: RefObject<HTMLCanvasElement | null>;
  readonly player: Player | null;
  readonly snapshot: Snapshot | null;
  readonly fullscreen: Toggle;
  readonly pip: Toggle;
  readonly details: boolean;
  readonly toggleDetails: () => void;
}

/** The stage. */
export function Stage(props: StageProps) {
  const { video, still, player, snapshot, fullscreen } = props;
  const stage = useRef<HTMLElement>(null);
  const [awake, stir] = useAwake();
  const phase = snapshot?.phase ?? "connecting";
  const shown = awake || phase === "paused" || phase === "ended";

  const click = (event: MouseEvent) => {
    const touch = event instanceof PointerEvent && event.pointerType === "touch";
    // A finger asks for the controls; a mouse, which has them already, pauses.
    if (touch) stir(!awake);
    else if (phase !== "ended" && phase !== "connecting") player?.togglePause();
  };
  return (
    <main
      class="stage"
      ref={stage}
      data-controls={shown}
      style={{ "--shape": shapeOf(snapshot) }}
      onPointerMove={(event) => event.pointerType !== "touch" && stir(true)}
      onPointerLeave={(event) => event.pointerType !== "touch" && stir(false)}
      onFocusIn={() => stir(true)}
      onKeyDown={() => stir(true)}
    >
      <canvas class="still" ref={still} hidden />
      <video
        class="video"
        ref={video}
        muted
        playsInline
        disableRemotePlayback
        aria-label={`Live picture of ${snapshot?.stream?.tab_title ?? "the streamed tab"}`}
        onClick={click}
        onDblClick={fullscreen.toggle}
      />
      <Notice snapshot={snapshot} player={player} />
      {snapshot && player && <SoundButton snapshot={snapshot} player={player} />}
      {snapshot && player && <Controls {...props} snapshot={snapshot} player={player} />}
    </main>
  );
}

/** Whether somebody moved a moment ago, and a function that says that somebody did (`true`) or left (`false`). */
function useAwake(): [boolean, (now: boolean) => void] {
  const [awake, setAwake] = useState(true);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const stir = (now: boolean) => {
    clearTimeout(timer.current);
    setAwake(now);
    if (now) timer.current = setTimeout(() => setAwake(false), HIDE_AFTER);
  };
  useEffect(() => {
    stir(true);
    return () => clearTimeout(timer.current);
  }, []);
  return [awake, stir];
}

function Notice({ snapshot, player }: { snapshot: Snapshot | null; player: Player | null }) {
  const notice = snapshot ? noticeOf(snapshot) : { title: "Connecting", text: "" };
  if (!notice) return null;
  const phase = snapshot?.phase ?? "connecting";
  const waits = !snapshot?.unsupported && (phase === "connecting" || phase === "reconnecting");
  return (
    <div class="notice" data-phase={phase}>
      {waits && <span class="spinner" aria-hidden="true" />}
      {phase === "paused" ? (
        <button type="button" class="big-play" aria-label="Go on" onClick={() => player?.resume()}>
          <icons.play />
        </button>
      ) : (
        <p class="notice-title">{notice.title}</p>
      )}
      {notice.text && <p class="notice-text">{notice.text}</p>}
    </div>
  );
}

/** Browsers start a page's media only without sound: the way to the sound must be in plain sight until it is taken. */
function SoundButton({ snapshot, player }: { snapshot: Snapshot; player: Player }) {
  const runs = snapshot.phase === "live" || snapshot.phase === "rewound";
  if (!runs || !snapshot.muted || snapshot.sound_touched || snapshot.stream?.has_audio === false) return null;
  return (
    <button type="button" class="sound-button" onClick={() => player.sound.toggleMuted()}>
      <icons.muted />
      Turn on sound
    </button>
  );
}

/** Width and height of the picture, or of the stream before its first picture, for an upright screen's stage. */
function shapeOf(snapshot: Snapshot | null): string {
  const width = snapshot?.figures.width ?? snapshot?.stream?.width;
  const height = snapshot?.figures.height ?? snapshot?.stream?.height;
  return width && height ? `${width} / ${height}` : "16 / 9";
}
