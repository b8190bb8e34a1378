// Playing on another device: Google Cast in Chrome, AirPlay in Safari, both by the Remote Playback API (W3C). The device fetches the
// stream by itself: the browser has to play a playlist by its address, and the device has to reach that.
import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { LATE, timeout } from "../../protocol/async.ts";
import { nativeHlsEngine } from "../engines/native-hls-engine.ts";
import type { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import type { DisplayMode } from "./display-modes.ts";

/** ms within which the browser must know what the playlist holds: it offers no device for anything else. */
const KNOWN_WITHIN = 5_000;

/** Whether a device could fetch the stream in the folder `base`, and whether the browser could have it do so. */
export function isCastable({ hostname }: URL, browser: { readonly remote: boolean; readonly hls: boolean }): boolean {
  const own = hostname === "localhost" || hostname.endsWith(".localhost") || /^(?:127\.|\[::1\]$)/.test(hostname);
  return browser.remote && browser.hls && !own;
}

/** Whether the browser has found a device for what `video` plays; `null`: nothing is asked. */
function useDevices(video: HTMLVideoElement | null): boolean {
  const [found, setFound] = useState(false);
  useEffect(() => {
    setFound(false);
    if (!video) return;
    let watching = true;
    const search = video.remote.watchAvailability((available) => watching && setFound(available));
    // A browser that doesn't search all the time does so when it is asked for a device (Remote Playback API, watchAvailability).
    search.catch((error: DOMException) => watching && setFound(error.name === "NotSupportedError"));
    return () => {
      watching = false;
      search.then((id) => video.remote.cancelWatchAvailability(id)).catch(() => {}); // it wasn't searching
    };
  }, [video]);
  return found;
}

/** Waits until the browser plays a playlist by its address. @throws Error it doesn't come to that */
async function playsByAddress(video: HTMLVideoElement): Promise<void> {
  const loaded = new Promise((resolve) => video.addEventListener("loadedmetadata", resolve, { once: true }));
  if ((await timeout(loaded, KNOWN_WITHIN)) === LATE) throw new Error("the browser's own HLS has not begun");
}

/** Playing on another device. `base`: the folder of the stream. */
export function useCasting(
  base: URL,
  video: RefObject<HTMLVideoElement | null>,
  player: Player | null,
  snapshot: Snapshot | null,
): DisplayMode {
  const [on, setOn] = useState(false);
  /** By which way it goes on afterwards. */
  const before = useRef<Snapshot["protocol"]>(null);
  const castable = useMemo(() => {
    const remote = "remote" in HTMLMediaElement.prototype;
    return isCastable(base, { remote, hls: nativeHlsEngine.supported() });
  }, [base]);
  const byAddress = snapshot?.protocol === "native-hls";
  // While the player plays another way, one that loads nothing is asked in its place.
  const standIn = useMemo(() => {
    const source = { preload: "none", src: new URL("index.m3u8", base).href } as const;
    return castable ? Object.assign(document.createElement("video"), source) : null;
  }, [base, castable]);
  const found = useDevices(castable && byAddress ? video.current : standIn);

  const goBack = () => {
    if (before.current) player?.selectProtocol(before.current);
    before.current = null;
  };
  useEffect(() => {
    const remote = castable ? video.current?.remote : undefined;
    if (!remote) return;
    const changed = () => {
      setOn(remote.state === "connected");
      if (remote.state === "disconnected") goBack();
    };
    for (const event of ["connect", "disconnect"]) remote.addEventListener(event, changed);
    return () => {
      for (const event of ["connect", "disconnect"]) remote.removeEventListener(event, changed);
    };
  }, [castable, video, player]);

  const choose = async (element: HTMLVideoElement) => {
    if (!byAddress) {
      before.current = snapshot?.protocol ?? null;
      const plays = playsByAddress(element);
      player?.selectProtocol("native-hls");
      await plays;
    }
    await element.remote.prompt();
  };
  const toggle = () => {
    // Nothing was chosen: it goes on here, as before.
    if (video.current) choose(video.current).catch(() => !on && goBack());
  };
  return { on, available: on || found, toggle };
}
