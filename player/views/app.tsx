// The page: header, stage, tasks and details. Starts the player once its video element is there, and draws its snapshots.
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { displayOptions } from "../display-options.ts";
import { supportedEngines } from "../engines/registry.ts";
import { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import { pageTitle } from "../wording.ts";
import { useCasting } from "./casting.ts";
import { Details } from "./details.tsx";
import { useFullscreen, usePictureInPicture } from "./display-modes.ts";
import { Header } from "./header.tsx";
import { useKeyboard } from "./keyboard.ts";
import { Stage } from "./stage.tsx";
import { TakeOverBar, useTakeOver } from "./take-over.tsx";
import { Tasks } from "./tasks.tsx";

/** The page. `base`: the folder of the stream. */
export function App({ base }: { base: URL }) {
  const root = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const [player, setPlayer] = useState<Player | null>(null);
  const [snapshot, setSnapshot] = useState<Snapshot | null>(null);
  const [details, setDetails] = useState(false);
  const display = useMemo(() => displayOptions(location.search), []);
  const fullscreen = useFullscreen(root, video);
  const pip = usePictureInPicture(video);
  const casting = useCasting(base, video, player, snapshot);

  useEffect(() => {
    if (!video.current || !still.current) return;
    if (display.theme) document.documentElement.style.colorScheme = display.theme;
    const engines = supportedEngines();
    const created = new Player({ video: video.current, still: still.current, base, engines, onSnapshot: setSnapshot });
    // `?protocol=ll-hls` selects a protocol, like the menu in the details.
    const parameters = new URLSearchParams(location.search);
    // `?at=2026-11-27T20:00:00Z` begins at that moment, as the link of the details does; WebRTC and the live engine have no past.
    const at = Date.parse(parameters.get("at") ?? "");
    const engine =
      engines.find(({ protocol }) => protocol === parameters.get("protocol")) ??
      (Number.isNaN(at) ? undefined : engines.find(({ protocol }) => protocol !== "webrtc" && protocol !== "live"));
    if (engine) created.selectProtocol(engine.protocol);
    if (!Number.isNaN(at)) created.seekToDate(at);
    video.current.muted = display.muted;
    setPlayer(created);
    return () => created.close();
  }, [base, display]);

  const title = snapshot ? pageTitle(snapshot) : null;
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);

  const toggleDetails = () => setDetails((open) => !open);
  useKeyboard(player, { toggleFullscreen: fullscreen.toggle, togglePip: pip.toggle, toggleDetails });

  const field = useRef<HTMLTextAreaElement>(null);
  const takeOver = useTakeOver(base, player, snapshot);

  const phase = snapshot?.phase ?? "connecting";
  return (
    <div
      class="player"
      ref={root}
      data-phase={phase}
      data-protocol={snapshot?.protocol ?? ""}
      data-details={details}
      data-embed={display.embed}
      data-controls={display.controls}
      data-control={takeOver?.state.state ?? "closed"}
    >
      {!display.embed && <Header snapshot={snapshot} />}
      {takeOver && <TakeOverBar takeOver={takeOver} field={field} />}
      <Stage
        video={video}
        still={still}
        player={player}
        snapshot={snapshot}
        fullscreen={fullscreen}
        pip={pip}
        casting={casting}
        details={details}
        toggleDetails={toggleDetails}
        takeOver={takeOver}
        field={field}
        headed={!display.embed}
      />
      {!display.embed && snapshot && player && (details || snapshot.tasks.length > 0) && (
        <div class="side">
          {snapshot.tasks.length > 0 && <Tasks snapshot={snapshot} player={player} />}
          {details && <Details snapshot={snapshot} player={player} close={toggleDetails} />}
        </div>
      )}
    </div>
  );
}
