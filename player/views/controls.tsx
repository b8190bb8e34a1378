// The bar at the foot of the picture: timeline and buttons. Holds no state of playback.
import { formatDuration } from "../format.ts";
import type { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import { icons } from "./icons.tsx";
import type { Toggle } from "./screen.ts";
import { Timeline } from "./timeline.tsx";

interface ControlsProps {
  readonly snapshot: Snapshot;
  readonly player: Player;
  readonly fullscreen: Toggle;
  readonly pip: Toggle;
  readonly details: boolean;
  readonly toggleDetails: () => void;
}

/** The bar. */
export function Controls({ snapshot, player, fullscreen, pip, details, toggleDetails }: ControlsProps) {
  const { phase, muted, volume, stream } = snapshot;
  const over = phase === "ended";
  const held = phase === "paused" || over;
  return (
    <div class="controls">
      <Timeline snapshot={snapshot} player={player} />
      <div class="buttons">
        {!over && (
          <Button label={held ? "Go on" : "Pause"} keys="Space" onClick={() => player.togglePause()}>
            {held ? <icons.play /> : <icons.pause />}
          </Button>
        )}
        {stream?.has_audio === false ? (
          <span class="no-sound">No sound in this stream</span>
        ) : (
          <div class="sound">
            <Button label={muted ? "Turn on sound" : "Mute"} keys="M" onClick={() => player.sound.toggleMuted()}>
              {muted ? <icons.muted /> : <icons.sound />}
            </Button>
            <input
              class="volume"
              type="range"
              min="0"
              max="1"
              step="0.05"
              value={muted ? 0 : volume}
              aria-label="Volume"
              onInput={(event) => player.sound.setVolume(event.currentTarget.valueAsNumber)}
            />
          </div>
        )}
        <LiveButton snapshot={snapshot} player={player} />
        <span class="gap" />
        <Button label="Details" keys="I" pressed={details} onClick={toggleDetails}>
          <icons.details />
        </Button>
        {pip.possible && (
          <Button label="Picture in picture" keys="P" pressed={pip.on} onClick={pip.toggle}>
            <icons.pip />
          </Button>
        )}
        {fullscreen.possible && (
          <Button label={fullscreen.on ? "Leave fullscreen" : "Fullscreen"} keys="F" onClick={fullscreen.toggle}>
            {fullscreen.on ? <icons.leaveFullscreen /> : <icons.enterFullscreen />}
          </Button>
        )}
      </div>
    </div>
  );
}

/** Where the viewer is: at the edge, or how far behind it with the way back. */
function LiveButton({ snapshot, player }: { snapshot: Snapshot; player: Player }) {
  const { phase, following, behind } = snapshot;
  if (phase === "live" && following) {
    return (
      <span class="at-live">
        <span class="dot" aria-hidden="true" />
        Live
      </span>
    );
  }
  if (phase !== "live" && phase !== "rewound" && phase !== "paused") return null;
  return (
    <>
      <span class="behind">−{formatDuration(behind)}</span>
      <button type="button" class="back-to-live" title="Back to live (L)" onClick={() => player.goLive()}>
        Back to live
      </button>
    </>
  );
}

interface ButtonProps {
  readonly label: string;
  readonly keys: string;
  readonly pressed?: boolean;
  readonly onClick: () => void;
  readonly children: preact.ComponentChildren;
}

function Button({ label, keys, pressed, onClick, children }: ButtonProps) {
  return (
    <button
      type="button"
      class="button"
      title={`${label} (${keys})`}
      aria-label={label}
      aria-pressed={pressed}
      aria-keyshortcuts={keys}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
