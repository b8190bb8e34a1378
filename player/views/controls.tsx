// The control bar at the bottom of the video: timeline and buttons.
import { formatDuration } from "../format.ts";
import type { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import { autoLabel, qualityLabel, TEXT } from "../wording.ts";
import type { DisplayMode } from "./display-modes.ts";
import { icons } from "./icons.tsx";
import { Timeline } from "./timeline.tsx";

interface ControlsProps {
  readonly snapshot: Snapshot;
  readonly player: Player;
  readonly fullscreen: DisplayMode;
  readonly pip: DisplayMode;
  readonly casting: DisplayMode;
  readonly details: boolean;
  readonly toggleDetails: () => void;
}

/** The control bar. */
export function Controls({ snapshot, player, fullscreen, pip, casting, details, toggleDetails }: ControlsProps) {
  const { phase, muted, volume, stream } = snapshot;
  const ended = phase === "ended";
  const paused = phase === "paused";
  return (
    <div class="controls">
      <Timeline snapshot={snapshot} player={player} />
      <div class="buttons">
        {!ended && (
          <Button label={paused ? TEXT.play : TEXT.pause} keys="Space" onClick={() => player.togglePause()}>
            {paused ? <icons.play /> : <icons.pause />}
          </Button>
        )}
        {stream?.has_audio === false ? (
          <span class="no-audio">{TEXT.no_audio}</span>
        ) : (
          <div class="sound">
            <Button label={muted ? TEXT.unmute : TEXT.mute} keys="M" onClick={() => player.sound.toggleMuted()}>
              {muted ? <icons.muted /> : <icons.sound />}
            </Button>
            <input
              class="volume"
              type="range"
              min="0"
              max="1"
              step="0.05"
              value={muted ? 0 : volume}
              aria-label={TEXT.volume}
              onInput={(event) => player.sound.setVolume(event.currentTarget.valueAsNumber)}
            />
          </div>
        )}
        <LiveButton snapshot={snapshot} player={player} />
        <span class="gap" />
        {!ended && <QualityMenu snapshot={snapshot} player={player} />}
        <Button label={TEXT.details} keys="I" pressed={details} onClick={toggleDetails}>
          <icons.details />
        </Button>
        {pip.available && (
          <Button label={TEXT.picture_in_picture} keys="P" pressed={pip.on} onClick={pip.toggle}>
            <icons.pip />
          </Button>
        )}
        {casting.available && (
          <Button label={TEXT.cast} pressed={casting.on} onClick={casting.toggle}>
            <icons.cast />
          </Button>
        )}
        {fullscreen.available && (
          <Button label={fullscreen.on ? TEXT.exit_fullscreen : TEXT.fullscreen} keys="F" onClick={fullscreen.toggle}>
            {fullscreen.on ? <icons.exitFullscreen /> : <icons.enterFullscreen />}
          </Button>
        )}
      </div>
    </div>
  );
}

/** Says that the viewer is at the live edge, or how far behind it, with a button to get there. */
function LiveButton({ snapshot, player }: { snapshot: Snapshot; player: Player }) {
  const { phase, following, behind } = snapshot;
  if (phase === "live" && following) {
    return (
      <span class="at-live">
        <span class="dot" aria-hidden="true" />
        {TEXT.live}
      </span>
    );
  }
  if (phase !== "live" && phase !== "rewound" && phase !== "paused") return null;
  return (
    <>
      <span class="behind">
        −{formatDuration(behind)}
        {snapshot.speed !== 1 && ` · ${snapshot.speed}×`}
      </span>
      <button
        type="button"
        class="jump-to-live"
        title={`${TEXT.jump_to_live} (End)`}
        aria-label={TEXT.jump_to_live}
        onClick={() => player.goLive()}
      >
        <span class="in-full">{TEXT.jump_to_live}</span>
        <span class="in-short">{TEXT.live}</span>
      </button>
    </>
  );
}

/** Lets the viewer choose a rendition, where there are several. */
function QualityMenu({ snapshot, player }: { snapshot: Snapshot; player: Player }) {
  const { choices, playing, selected } = snapshot.qualities;
  if (choices.length < 2) return null;
  return (
    <select
      class="quality"
      aria-label={TEXT.picture}
      title={TEXT.picture}
      value={selected ?? ""}
      onChange={({ currentTarget: { value } }) => player.selectQuality(value === "" ? null : value)}
    >
      <option value="">{autoLabel(choices.find(({ id }) => id === playing)?.height)}</option>
      {choices.map(({ id, height }) => (
        <option key={id} value={id}>
          {qualityLabel(height)}
        </option>
      ))}
    </select>
  );
}

interface ButtonProps {
  readonly label: string;
  readonly keys?: string;
  readonly pressed?: boolean;
  readonly onClick: () => void;
  readonly children: preact.ComponentChildren;
}

function Button({ label, keys, pressed, onClick, children }: ButtonProps) {
  return (
    <button
      type="button"
      class="button"
      title={keys === undefined ? label : `${label} (${keys})`}
      aria-label={label}
      aria-pressed={pressed}
      aria-keyshortcuts={keys}
      onClick={onClick}
    >
      {children}
    </button>
  );
}
