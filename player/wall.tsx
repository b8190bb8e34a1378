// The wall: all streams of a host as pictures, one a second. The browser decodes each stream's newest keyframe; the host only hands
// out bytes that it has.
import { render } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import * as v from "valibot";
import { speakOnPage } from "../protocol/languages.ts";
import { type WallStream, WallStreamsSchema } from "../protocol/player-messages.ts";
import { type SentenceCode, text } from "../protocol/sentence.ts";
import "./css/theme.css";
import "./css/wall.css";

/** ms between two pictures, and between two looks at the list. */
const PICTURE_EVERY = 1_000;
const LIST_EVERY = 3_000;
/** ms within which the host must respond. */
const TIMEOUT = 5_000;

type Listing = { readonly streams: readonly WallStream[] } | { readonly refused: string };

/** `null`: the host asks for the control token. */
async function fetchStreams(token: string): Promise<Listing> {
  const headers: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
  const list = new URL(location.pathname.endsWith("/") ? "streams" : "wall/streams", location.href);
  try {
    const response = await fetch(list, { headers, cache: "no-store", signal: AbortSignal.timeout(TIMEOUT) });
    if (response.status === 401) return { refused: token === "" ? "" : text("wall.wrong_token") };
    if (!response.ok) return { refused: text("wall.gone") };
    return { streams: v.parse(WallStreamsSchema, await response.json()).streams };
  } catch {
    return { refused: text("wall.no_answer") };
  }
}

function Wall() {
  const [listing, setListing] = useState<Listing | null>(null);
  const [token, setToken] = useState("");
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    let over = false;
    const look = async () => {
      const next = await fetchStreams(token);
      if (over) return;
      setListing(next);
      timer = setTimeout(look, LIST_EVERY);
    };
    void look();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [token]);
  if (!listing) return null;
  if ("refused" in listing) return <Refused reason={listing.refused} onToken={setToken} />;
  const { streams } = listing;
  return (
    <main class="wall">
      <h1>{streams.length === 1 ? text("wall.one") : text("wall.many", { count: streams.length })}</h1>
      {streams.length === 0 && <p class="empty">{text("wall.none")}</p>}
      <ul>
        {streams.map((stream) => (
          <Tile key={stream.stream_id} stream={stream} />
        ))}
      </ul>
    </main>
  );
}

function Refused({ reason, onToken }: { reason: string; onToken: (token: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const atLink = location.pathname.endsWith("/");
  return (
    <main class="wall">
      <h1>{text("wall.title")}</h1>
      {reason !== "" && <p class="empty">{reason}</p>}
      {!atLink && (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            onToken(field.current?.value.trim() ?? "");
          }}
        >
          <label>
            {text("wall.token")}
            <input ref={field} type="password" autocomplete="off" />
          </label>
          <button type="submit">{text("wall.show")}</button>
        </form>
      )}
    </main>
  );
}

/** What a stream is doing, in a word. */
const STATE_WORDS = {
  initializing: "popup.starting",
  active: "player.live",
  recovering: "player.reconnecting",
  stopped: "player.ended",
  error: "player.ended",
} as const satisfies Record<WallStream["state"], SentenceCode>;

/** Two videos take turns: the one in front stays until the other one has its picture. */
function Tile({ stream }: { stream: WallStream }) {
  const { path, tab_title, state, viewers } = stream;
  const folder = new URL(location.pathname.endsWith("/") ? `../..${path}/` : `.${path}/`, location.href);
  const [front, setFront] = useState(0);
  const [undecodable, setUndecodable] = useState(false);
  const videos = [useRef<HTMLVideoElement>(null), useRef<HTMLVideoElement>(null)] as const;
  useEffect(() => {
    if (undecodable) return;
    const timer = setTimeout(() => {
      const back = videos[1 - front]?.current;
      if (back && !document.hidden) back.src = new URL(`keyframe.mp4?${Date.now()}`, folder).href;
      else setFront((now) => now);
    }, PICTURE_EVERY);
    return () => clearTimeout(timer);
  });
  return (
    <li class="tile" data-state={state}>
      <a href={new URL("player", folder).href} target="_blank" rel="noreferrer">
        <span class="picture">
          {undecodable ? (
            <img src={new URL("poster.jpg", folder).href} alt="" />
          ) : (
            videos.map((video, index) => (
              <video
                key={String(index)}
                ref={video}
                data-front={index === front}
                muted
                playsInline
                preload="auto"
                onLoadedData={() => setFront(index)}
                onError={(event) => setUndecodable(event.currentTarget.error?.code === MediaError.MEDIA_ERR_DECODE)}
              />
            ))
          )}
        </span>
        <span class="name">{tab_title || stream.stream_id}</span>
        <span class="facts">
          {[
            text(STATE_WORDS[state]),
            viewers === 1 ? text("page.viewers_one") : text("page.viewers", { count: viewers }),
          ].join(" · ")}
        </span>
      </a>
    </li>
  );
}

await speakOnPage(navigator.languages);
const root = document.getElementById("root");
if (root) render(<Wall />, root);
