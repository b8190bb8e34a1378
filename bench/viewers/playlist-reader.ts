// Parses the media playlists that simulated viewers get. They all get the same bytes, which each real viewer would parse on a
// machine of its own: here they are parsed once, or the simulator would be measured instead of the server.
import { type MediaPlaylist, parseMedia } from "../hls/playlist.ts";

/** Bodies remembered: of both renditions, whole and as delta updates, and those of viewers who are a part behind. */
const REMEMBERED = 16;

interface KnownPlaylist {
  readonly url: string;
  readonly body: Buffer;
  readonly playlist: MediaPlaylist;
}

/** Shared by the viewers of one process. */
export class PlaylistReader {
  /** The newest first: nearly all viewers ask for that. */
  readonly #known: KnownPlaylist[] = [];

  /** The playlist that stands in `body`, which was fetched at `url`. */
  read(body: Buffer, url: string): MediaPlaylist {
    const known = this.#known.find((each) => each.url === url && each.body.equals(body));
    if (known) return known.playlist;
    const playlist = parseMedia(body.toString("latin1"), url);
    this.#known.unshift({ url, body: Buffer.from(body), playlist }); // a copy: the body is a view into a connection's buffer
    this.#known.length = Math.min(this.#known.length, REMEMBERED);
    return playlist;
  }
}
