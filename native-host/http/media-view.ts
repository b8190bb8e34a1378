// The playlists and media of one stream as answers: rendered once per change and shared by all who ask, waiting
// where HLS says so. Never knows who asks.

import { renderMediaPlaylist } from "../packager/hls-media-playlist.ts";
import { renderMultivariant } from "../packager/hls-multivariant.ts";
import { type MediaName, MULTIVARIANT, parseMediaName } from "../packager/hls-names.ts";
import type { Packager, TrackKind } from "../packager/packager.ts";
import type { Rendition } from "../packager/rendition.ts";
import { type Answer, CORS, MEDIA, NO_STORE, NOT_FOUND, TOO_EARLY, textAnswer } from "./answer.ts";
import { Waits } from "./waits.ts";

/** ms that a first request waits for a stream that has no picture yet. */
const PLAYABLE_TIMEOUT = 5_000;
/** A blocked request is given up after so many target durations (RFC 8216bis 6.2.5.2). */
const BLOCK_TARGETS = 3;
/** A client may ask for so many segments past the last (RFC 8216bis 6.2.5.2). */
const MAX_AHEAD = 2;
/** Parts that may be asked for past the last one: so many ms of them (the RFC's Advance Part Limit). */
const ADVANCE = 3_000;

const PLAYLIST = { "Content-Type": "application/vnd.apple.mpegurl", ...NO_STORE, ...CORS };
const bad = (reason: string) => textAnswer(400, reason, CORS);

/** The query of a playlist request, as it came. */
export type Directives = Readonly<Partial<Record<"_HLS_msn" | "_HLS_part" | "_HLS_skip", string>>>;

interface Place {
  readonly msn: number;
  readonly part: number | undefined;
}

/** The media of one stream, as answers. */
export class MediaView {
  readonly #packager: Packager;
  readonly #waits: Waits;
  readonly #rendered = new Map<string, { version: number; answer: Answer }>();

  constructor(packager: Packager) {
    this.#packager = packager;
    this.#waits = new Waits((listener) => packager.onChange(listener));
  }

  /** The answer for a file name; `null` when the name is none of HLS. Waits no longer than three target durations. */
  answer(name: string, directives: Directives): Promise<Answer> | Answer | null {
    if (name === MULTIVARIANT) return this.#multivariant();
    const media = parseMediaName(name);
    if (!media) return null;
    if (media.type === "playlist") return this.#playlist(media.kind, directives);
    const rendition = this.#packager[media.kind];
    return rendition ? this.#media(rendition, media) : NOT_FOUND;
  }

  #render(key: string, render: () => string | null): Answer {
    const { version } = this.#packager;
    const known = this.#rendered.get(key);
    if (known?.version === version) return known.answer;
    const text = render();
    if (text === null) return TOO_EARLY;
    const answer = { status: 200, headers: PLAYLIST, body: [Buffer.from(text)] };
    this.#rendered.set(key, { version, answer });
    return answer;
  }

  #playable(): Promise<boolean> | true {
    return this.#waits.until("playable", () => this.#packager.playable || this.#packager.ended, PLAYABLE_TIMEOUT);
  }

  async #multivariant(): Promise<Answer> {
    if (!(await this.#playable())) return TOO_EARLY;
    return this.#render(MULTIVARIANT, () => renderMultivariant(this.#packager));
  }

  async #playlist(kind: TrackKind, directives: Directives): Promise<Answer> {
    if (!(await this.#playable())) return TOO_EARLY;
    const rendition = this.#packager[kind];
    if (!rendition?.last) return NOT_FOUND;
    const place = this.#packager.ended ? null : this.#place(rendition, directives);
    if (typeof place === "string") return bad(place);
    if (place && !(await this.#reached(rendition, place))) return TOO_EARLY;
    const skip = directives._HLS_skip === "YES" || directives._HLS_skip === "v2";
    return this.#render(`${kind} ${skip}`, () => renderMediaPlaylist(this.#packager, rendition, skip));
  }

  /** Where a blocking reload waits for; `null`: it doesn't block; text: why it is refused. */
  #place(rendition: Rendition, { _HLS_msn, _HLS_part }: Directives): Place | null | string {
    if (_HLS_msn === undefined) return _HLS_part === undefined ? null : "_HLS_part needs _HLS_msn.";
    const valid = [_HLS_msn, _HLS_part ?? "0"].every((value) => /^\d{1,15}$/.test(value));
    if (!valid) return "_HLS_msn and _HLS_part must be whole numbers.";
    const place = { msn: Number(_HLS_msn), part: _HLS_part === undefined ? undefined : Number(_HLS_part) };
    const last = rendition.position ?? { msn: 0, part: -1 };
    if (place.msn > last.msn + MAX_AHEAD) return `_HLS_msn is too far ahead: the last segment is ${last.msn}.`;
    const furthest = (place.msn === last.msn ? last.part : 0) + Math.ceil(ADVANCE / this.#packager.part_target);
    if (place.msn >= last.msn && place.part !== undefined && place.part > furthest)
      return "_HLS_part is too far ahead.";
    return place;
  }

  #reached(rendition: Rendition, { msn, part }: Place): Promise<boolean> | true {
    const test = () => rendition.reached(msn, part) || this.#packager.ended;
    return this.#waits.until(`${rendition.kind} ${msn} ${part}`, test, this.#blockTimeout());
  }

  #blockTimeout(): number {
    return this.#packager.target_duration * BLOCK_TARGETS * 1000;
  }

  #media(rendition: Rendition, media: Exclude<MediaName, { type: "playlist" }>): Promise<Answer> | Answer {
    if (media.type === "init") {
      const init = rendition.initOf(media.run);
      return init ? this.#bytes(rendition.kind, [init.data]) : NOT_FOUND;
    }
    if (media.type === "segment") {
      const segment = rendition.segment(media.msn);
      return segment?.complete && !segment.gap
        ? this.#bytes(
            rendition.kind,
            segment.parts.map((part) => part.data),
          )
        : NOT_FOUND;
    }
    return this.#part(rendition, media.msn, media.part);
  }

  /**
   * A part; one that was hinted is answered when it comes, or 404 when it turns out that it never will. Nothing of it is
   * sent before all of it is there: clients measure the line by how fast a part arrives (RFC 8216bis 6.2.6 forbids
   * it for that reason).
   */
  #part(rendition: Rendition, msn: number, index: number): Promise<Answer> | Answer {
    const found = () => {
      const part = rendition.part(msn, index);
      return part ? this.#bytes(rendition.kind, [part.data]) : NOT_FOUND;
    };
    const impossible = () => this.#packager.ended || rendition.segment(msn)?.complete === true;
    if (rendition.part(msn, index) || impossible() || !this.#isNext(rendition, msn, index)) return found();
    const test = () => rendition.part(msn, index) !== undefined || impossible();
    const wait = this.#waits.until(`${rendition.kind} part ${msn} ${index}`, test, this.#blockTimeout());
    return wait === true ? found() : wait.then(found);
  }

  #isNext(rendition: Rendition, msn: number, index: number): boolean {
    const { position } = rendition;
    return (
      position !== null &&
      ((msn === position.msn && index === position.part + 1) || (msn === position.msn + 1 && index === 0))
    );
  }

  #bytes(kind: TrackKind, body: readonly Uint8Array[]): Answer {
    return { status: 200, headers: MEDIA[kind], body };
  }
}
