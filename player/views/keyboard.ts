// Keyboard shortcuts of the page, listed in wording.ts.
import { useEffect, useRef } from "preact/hooks";
import type { Player } from "../player.ts";

/** What keys do beside playback. */
export interface KeyActions {
  readonly toggleFullscreen: () => void;
  readonly togglePip: () => void;
  readonly toggleDetails: () => void;
}

/** Step of the arrow keys, and of J and L, s. */
const STEP = 5;
const LONG_STEP = 10;
/** Step of the volume keys. */
const VOLUME_STEP = 0.1;

/** Handles key presses while the component is mounted. */
export function useKeyboard(player: Player | null, actions: KeyActions): void {
  const latest = useRef(actions);
  latest.current = actions;
  useEffect(() => {
    if (!player) return;
    const pressed = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
      const target = event.target instanceof Element ? event.target : null;
      const action = target && needsKey(target, event.key) ? undefined : actionOf(event.key, player, latest.current);
      if (!action) return;
      event.preventDefault();
      action();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, [player]);
}

/** Whether the focused element needs the key itself: buttons space and enter, sliders and menus the arrows. */
function needsKey(target: Element, key: string): boolean {
  if (target.matches("button, a")) return key === " " || key === "Enter";
  if (target.matches("input, select")) return key.startsWith("Arrow") || key === "Home" || key === "End" || key === " ";
  return false;
}

function actionOf(key: string, player: Player, actions: KeyActions): (() => void) | undefined {
  const byKey: Record<string, () => void> = {
    " ": () => player.togglePause(),
    k: () => player.togglePause(),
    m: () => player.sound.toggleMuted(),
    j: () => player.skip(-LONG_STEP),
    l: () => player.skip(LONG_STEP),
    "<": () => player.changeSpeed(-1),
    ">": () => player.changeSpeed(1),
    "?": actions.toggleDetails,
    Home: () => player.seekToShare(0),
    End: () => player.goLive(),
    ArrowLeft: () => player.skip(-STEP),
    ArrowRight: () => player.skip(STEP),
    ArrowUp: () => player.sound.changeVolume(VOLUME_STEP),
    ArrowDown: () => player.sound.changeVolume(-VOLUME_STEP),
    f: actions.toggleFullscreen,
    p: actions.togglePip,
    i: actions.toggleDetails,
  };
  if (/^\d$/.test(key)) return () => player.seekToShare(Number(key) / 10);
  const name = key.length === 1 ? key.toLowerCase() : key;
  return Object.hasOwn(byKey, name) ? byKey[name] : undefined;
}
