// The whole page: header, stage, details. Starts the player when its video element is there; draws its snapshots.
import { useEffect, useRef, useState } from "preact/hooks";
import { usableWays } from "../engines/ways.ts";
import { Player } from "../player.ts";
import type { Snapshot } from "../snapshot.ts";
import { pageTitle } from "../wording.ts";
import { Details } from "./details.tsx";
import { Header } from "./header.tsx";
import { useKeyboard } from "./keyboard.ts";
import { useFullscreen, usePictureInPicture } from "./screen.ts";
import { Stage } from "./stage.tsx";
import { Tasks } from "./tasks.tsx";

/** The page. `base`: the folder of the stream. */
export function App({ base }: { base: URL }) {
  const root = useRef<HTMLDivElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const still = useRef<HTMLCanvasElement>(null);
  const [player, setPlayer] = useState<Player | null>(null);
  const [snapshot, setSnapshot] = useState<Snapshot | null>(null);
  const [details, setDetails] = useState(false);
  const fullscreen = useFullscreen(root, video);
  const pip = usePictureInPicture(video);

  useEffect(() => {
    if (!video.current || !still.current) return;
    const made = new Player({
      video: video.current,
      still: still.current,
      base,
      ways: usableWays(),
      onSnapshot: setSnapshot,
    });
    // `?way=ll-hls`: a link that begins with a way of one's own choice, as the menu in the details would.
    const named = new URLSearchParams(location.search).get("way");
    const way = usableWays().find(({ id }) => id === named);
    if (way) made.chooseWay(way.id);
    setPlayer(made);
    return () => made.close();
  }, [base]);

  const title = snapshot ? pageTitle(snapshot) : null;
  useEffect(() => {
    if (title) document.title = title;
  }, [title]);

  const toggleDetails = () => setDetails((open) => !open);
  useKeyboard(player, { toggleFullscreen: fullscreen.toggle, togglePip: pip.toggle, toggleDetails });

  const phase = snapshot?.phase ?? "connecting";
  return (
    <div class="player" ref={root} data-phase={phase} data-way={snapshot?.way ?? ""} data-details={details}>
      <Header snapshot={snapshot} />
      <Stage
        video={video}
        still={still}
        player={player}
        snapshot={snapshot}
        fullscreen={fullscreen}
        pip={pip}
        details={details}
        toggleDetails={toggleDetails}
      />
      {snapshot && player && (details || snapshot.tasks.length > 0) && (
        <div class="side">
          {snapshot.tasks.length > 0 && <Tasks snapshot={snapshot} player={player} />}
          {details && <Details snapshot={snapshot} player={player} close={toggleDetails} />}
        </div>
      )}
    </div>
  );
}
