// Keeps a stretch of a live stream as files for nginx: for each rendition its parts in order and a playlist.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Part } from "../hls/playlist.ts";

/** A rendition of a snapshot: what a viewer fetches, one step after the other. */
export interface SnapshotRendition {
  readonly playlist: string;
  readonly parts: { path: string; duration: number }[];
}

/** What `snapshot.json` in the folder holds. */
export interface StreamSnapshot {
  readonly part_target: number;
  readonly hold_back: number;
  readonly renditions: SnapshotRendition[];
}

/** Collects the parts of one rendition. */
export class SnapshotWriter {
  readonly #parts: { part: Part; body: Buffer }[] = [];
  #playlist: Buffer = Buffer.alloc(0);

  /** Takes a part, and the playlist that named it. */
  add(part: Part, body: Buffer, playlist: Buffer): void {
    this.#parts.push({ part, body: Buffer.from(body) }); // copies: both are views into the connection's buffer
    this.#playlist = Buffer.from(playlist);
  }

  /** Writes everything below `folder`/`name`. */
  async write(folder: string, name: string): Promise<SnapshotRendition> {
    await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, name, "playlist.m3u8"), this.#playlist);
    const parts = this.#parts.map(({ part }, index) => ({ path: `/${name}/${index}.m4s`, duration: part.duration }));
    await Promise.all(this.#parts.map(({ body }, index) => writeFile(join(folder, name, `${index}.m4s`), body)));
    return { playlist: `/${name}/playlist.m3u8`, parts };
  }
}
