// Parses HLS playlists as far as the bench's readers need.

/** The media playlists that a multivariant playlist names, absolute. */
export interface Renditions {
  readonly video: string;
  /** `null`: the sound is in the video's segments, or there is none. */
  readonly audio: string | null;
}

/** A segment of a media playlist. */
export interface Segment {
  /** Media sequence number. */
  readonly msn: number;
  readonly url: string;
  /** s */
  readonly duration: number;
}

/** A part of a media playlist. */
export interface Part {
  readonly msn: number;
  /** Index within its segment. */
  readonly index: number;
  readonly url: string;
  /** s */
  readonly duration: number;
  /** Set when the part is a range of `url`, as it stands in the playlist. */
  readonly byterange: string | null;
}

/** A media playlist. */
export interface MediaPlaylist {
  readonly init: string | null;
  readonly segments: Segment[];
  readonly parts: Part[];
  /** s; `null`: not low-latency. */
  readonly part_target: number | null;
  /** s */
  readonly part_hold_back: number | null;
  readonly can_block: boolean;
  readonly can_skip: boolean;
  /** s */
  readonly target_duration: number;
  readonly ended: boolean;
}

/** Gives the attributes of a tag's line, quotes taken off. */
export function attributes(line: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const match of line.matchAll(/([A-Z0-9-]+)=("[^"]*"|[^,]*)/g)) {
    found.set(match[1] ?? "", (match[2] ?? "").replace(/^"|"$/g, ""));
  }
  return found;
}

const absolute = (uri: string | undefined, base: string) => new URL(uri ?? "", base).href;
const numberOf = (text: string | undefined) => (text === undefined ? null : Number(text));

/** Reads a multivariant playlist; a media playlist given in its place stands for its own video. */
export function parseMultivariant(text: string, base: string): Renditions {
  const lines = text.split(/\r?\n/);
  const at = lines.findIndex((line) => line.startsWith("#EXT-X-STREAM-INF"));
  if (at < 0) return { video: base, audio: null };
  const uri = lines.slice(at + 1).find((line) => line !== "" && !line.startsWith("#"));
  const audio = lines
    .filter((line) => line.startsWith("#EXT-X-MEDIA:"))
    .map(attributes)
    .find((media) => media.get("TYPE") === "AUDIO" && media.has("URI"));
  return { video: absolute(uri, base), audio: audio ? absolute(audio.get("URI"), base) : null };
}

/** Reads a media playlist, delta updates too (skipped segments are counted, not invented). */
export function parseMedia(text: string, base: string): MediaPlaylist {
  let [msn, index, duration] = [0, 0, 0];
  let init: string | null = null;
  let [partTarget, holdBack, targetDuration] = [null as number | null, null as number | null, 0];
  let [canBlock, canSkip, ended] = [false, false, false];
  const segments: Segment[] = [];
  const parts: Part[] = [];
  for (const line of text.split(/\r?\n/)) {
    if (line !== "" && !line.startsWith("#")) {
      segments.push({ msn, url: absolute(line, base), duration });
      msn++;
      index = 0;
    } else if (line.startsWith("#EXTINF:")) duration = Number.parseFloat(line.slice(8));
    else if (line.startsWith("#EXT-X-PART:")) {
      const part = attributes(line);
      const url = absolute(part.get("URI"), base);
      parts.push({ msn, index, url, duration: Number(part.get("DURATION")), byterange: part.get("BYTERANGE") ?? null });
      index++;
    } else if (line.startsWith("#EXT-X-MEDIA-SEQUENCE:")) msn = Number(line.slice(22));
    else if (line.startsWith("#EXT-X-SKIP:")) msn += Number(attributes(line).get("SKIPPED-SEGMENTS"));
    else if (line.startsWith("#EXT-X-MAP:")) init = absolute(attributes(line).get("URI"), base);
    else if (line.startsWith("#EXT-X-PART-INF:")) partTarget = numberOf(attributes(line).get("PART-TARGET"));
    else if (line.startsWith("#EXT-X-TARGETDURATION:")) targetDuration = Number(line.slice(22));
    else if (line.startsWith("#EXT-X-SERVER-CONTROL:")) {
      const control = attributes(line);
      canBlock = control.get("CAN-BLOCK-RELOAD") === "YES";
      canSkip = control.has("CAN-SKIP-UNTIL");
      holdBack = numberOf(control.get("PART-HOLD-BACK"));
    } else if (line.startsWith("#EXT-X-ENDLIST")) ended = true;
  }
  return {
    init,
    segments,
    parts,
    part_target: partTarget,
    part_hold_back: holdBack,
    can_block: canBlock,
    can_skip: canSkip,
    target_duration: targetDuration,
    ended,
  };
}

/** Parts that come after (`msn`, `index`) of the last one known, oldest first. */
export function partsAfter(parts: readonly Part[], known: { msn: number; index: number }): Part[] {
  return parts.filter((part) => part.msn > known.msn || (part.msn === known.msn && part.index > known.index));
}

/** The address for a blocking reload that waits for the part after `known` (RFC 8216bis, 6.2.5.2). */
export function blockingUrl(playlist: string, known: { msn: number; index: number }, skip: boolean): string {
  const url = new URL(playlist);
  url.searchParams.set("_HLS_msn", String(known.msn));
  // One past the last part of a finished segment means the first part of the next one.
  url.searchParams.set("_HLS_part", String(known.index + 1));
  if (skip) url.searchParams.set("_HLS_skip", "YES");
  return url.href;
}
