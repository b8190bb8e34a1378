// The packager as one reader of the feed among others: it may come in the middle of a run, and then begins with the last
// keyframe. Never decides who may see what is packaged.

import type { TrackKind } from "../media/track-kind.ts";
import type { Packager } from "../packager/packager.ts";
import type { MediaReader, MediaRun } from "./media-feed.ts";

/** Hands what it reads on to a packager. */
export class PackagerReader implements MediaReader {
  readonly #packager: Packager;
  #run = -1;

  constructor(packager: Packager) {
    this.#packager = packager;
  }

  openRun({ run, video, audio }: MediaRun): void {
    this.#run = run;
    this.#packager.openRun(run, audio ? ["video", "audio"] : ["video"]);
    this.#packager.write(run, "video", video);
    if (audio) this.#packager.write(run, "audio", audio);
  }

  write(kind: TrackKind, fragment: Uint8Array): void {
    this.#packager.write(this.#run, kind, fragment);
  }

  closeRun(): void {
    this.#packager.closeRun(this.#run);
  }
}
