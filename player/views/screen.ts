// Fullscreen, picture-in-picture and the clipboard, where the browser has them. Never touches playback.
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** A way of showing that is on or off. */
export interface Toggle {
  readonly on: boolean;
  /** Whether the browser can do it. */
  readonly possible: boolean;
  readonly toggle: () => void;
}

/** Safari on iPhone can only show the video itself in fullscreen. */
interface WebkitVideo extends HTMLVideoElement {
  webkitEnterFullscreen?(): void;
}

/** A refusal by the browser leaves everything as it was. */
function refused(): void {}

/** Fullscreen of `root`, or of the video where the browser knows only that. */
export function useFullscreen(root: RefObject<HTMLElement | null>, video: RefObject<HTMLVideoElement | null>): Toggle {
  const [on, setOn] = useState(false);
  useEffect(() => {
    const changed = () => setOn(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  const toggle = () => {
    if (document.fullscreenElement) document.exitFullscreen().catch(refused);
    else if (document.fullscreenEnabled) root.current?.requestFullscreen().catch(refused);
    else (video.current as WebkitVideo | null)?.webkitEnterFullscreen?.();
  };
  const possible = document.fullscreenEnabled || "webkitEnterFullscreen" in HTMLVideoElement.prototype;
  return { on, possible, toggle };
}

/** Picture-in-picture of the video. */
export function usePictureInPicture(video: RefObject<HTMLVideoElement | null>): Toggle {
  const [on, setOn] = useState(false);
  useEffect(() => {
    const element = video.current;
    if (!element) return;
    const changed = () => setOn(document.pictureInPictureElement === element);
    element.addEventListener("enterpictureinpicture", changed);
    element.addEventListener("leavepictureinpicture", changed);
    return () => {
      element.removeEventListener("enterpictureinpicture", changed);
      element.removeEventListener("leavepictureinpicture", changed);
    };
  }, [video]);
  const toggle = () => {
    if (document.pictureInPictureElement) document.exitPictureInPicture().catch(refused);
    else video.current?.requestPictureInPicture?.().catch(refused);
  };
  return { on, possible: document.pictureInPictureEnabled === true, toggle };
}

/** Puts the page's own address on the clipboard; false when the browser refuses. */
export async function copyLink(): Promise<boolean> {
  const url = location.href.split("#")[0] ?? location.href;
  try {
    await navigator.clipboard.writeText(url);
    return true;
  } catch {
    return copyOldWay(url);
  }
}

/** Pages that came by plain http from another machine have no clipboard object. */
function copyOldWay(text: string): boolean {
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}
