// Parses the media playlists that simulated viewers get. They all get the same text, which each real viewer would parse on a
// machine of its own: here it is parsed once, or the simulator would be measured instead of the server.
import { type MediaPlaylist, parseMedia } from "../hls/playlist.ts";

/** Texts remembered: of both renditions, whole and as delta updates, and those of viewers who are a part behind. */
const REMEMBERED = 16;

/** Shared by the viewers of one process. */
export class PlaylistReader {
  readonly #known = new Map<string, MediaPlaylist>();

  /** The playlist that stands in `text`, which was fetched at `url`. */
  read(text: string, url: string): MediaPlaylist {
    const key = `${url} ${text}`;
    const known = this.#known.get(key);
    if (known) return known;
    const playlist = parseMedia(text, url);
    const oldest = this.#known.keys().next();
    if (this.#known.size >= REMEMBERED && !oldest.done) this.#known.delete(oldest.value);
    this.#known.set(key, playlist);
    return playlist;
  }
}
