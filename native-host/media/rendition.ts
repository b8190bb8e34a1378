// A rendition (RFC 8216bis 2): one encoding of the tab's picture or sound. A stream has a list of them, and everything between
// FFmpeg and the player looks things up in that list.

/** What a rendition carries. */
export type MediaType = "video" | "audio";

/** One encoding of the tab's video or audio. */
export interface Rendition {
  /** Names its playlist and its segments: lower-case letters and digits ({@link RENDITION_ID}). */
  readonly id: string;
  readonly type: MediaType;
  /**
   * Renditions of one group show the same, and a player may switch among them: the variants of HLS, the AdaptationSet of DASH.
   * The first of a group is the source; the others are rungs made from it.
   */
  readonly group: string;
  readonly codec: "h264" | "h265" | "vp9" | "aac" | "opus";
  /** px; `null`: audio. */
  readonly width: number | null;
  /** px; `null`: audio. */
  readonly height: number | null;
  /** bit/s that it may have; `null`: no cap. */
  readonly bitrate: number | null;
}

/** What an id looks like. No dash and no dot: those separate it from the numbers in a file name. */
export const RENDITION_ID = "[a-z][a-z0-9]{0,15}";

/** Whether it is for viewers alone who get media as they come. */
export function isForLive({ codec }: Rendition): boolean {
  return codec === "opus";
}

/** Whether a rendition is the source of its group, among those that there are. */
export function isSource(rendition: Rendition, all: readonly Rendition[]): boolean {
  return (all.find(({ group }) => group === rendition.group) ?? rendition).id === rendition.id;
}
