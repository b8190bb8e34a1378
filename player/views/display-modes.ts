// Fullscreen and picture-in-picture, where the browser has them.
import type { RefObject } from "preact";
import { useEffect, useState } from "preact/hooks";

/** A display mode that is on or off. */
export interface DisplayMode {
  readonly on: boolean;
  /** Whether the browser supports it. */
  readonly available: boolean;
  readonly toggle: () => void;
}

/** Safari on iPhone can only show the video itself in fullscreen. */
interface WebkitVideo extends HTMLVideoElement {
  webkitEnterFullscreen?(): void;
}

/** A browser that refuses leaves everything as it was. */
function ignore(): void {}

/** Fullscreen of `root`, or of the video alone where the browser only supports that. */
export function useFullscreen(
  root: RefObject<HTMLElement | null>,
  video: RefObject<HTMLVideoElement | null>,
): DisplayMode {
  const [on, setOn] = useState(false);
  useEffect(() => {
    const changed = () => setOn(document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  const toggle = () => {
    if (document.fullscreenElement) document.exitFullscreen().catch(ignore);
    else if (document.fullscreenEnabled) root.current?.requestFullscreen().catch(ignore);
    else (video.current as WebkitVideo | null)?.webkitEnterFullscreen?.();
  };
  const available = document.fullscreenEnabled || "webkitEnterFullscreen" in HTMLVideoElement.prototype;
  return { on, available, toggle };
}

/** Picture-in-picture of the video. */
export function usePictureInPicture(video: RefObject<HTMLVideoElement | null>): DisplayMode {
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
    if (document.pictureInPictureElement) document.exitPictureInPicture().catch(ignore);
    else video.current?.requestPictureInPicture?.().catch(ignore);
  };
  return { on, available: document.pictureInPictureEnabled === true, toggle };
}
