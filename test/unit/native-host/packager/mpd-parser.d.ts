// Types of the part of mpd-parser that the tests use; it ships none.

declare module "mpd-parser" {
  interface MpdSegment {
    uri: string;
    resolvedUri: string;
    duration: number;
    number: number;
    presentationTime: number;
    timeline: number;
    map: { uri: string; resolvedUri: string };
  }
  export interface MpdPlaylist {
    attributes: {
      /** The Representation's id. */
      NAME: string;
      CODECS: string;
      BANDWIDTH: number;
      RESOLUTION?: { width: number; height: number };
      "FRAME-RATE"?: number;
    };
    segments: MpdSegment[];
    discontinuityStarts: number[];
    endList: boolean;
  }
  export interface ParsedMpd {
    duration: number;
    minimumUpdatePeriod?: number;
    suggestedPresentationDelay?: number;
    playlists: MpdPlaylist[];
    eventStream: { id: string; start: number; end: number; messageData: string }[];
    mediaGroups: { AUDIO: Record<string, Record<string, { playlists: MpdPlaylist[] }>> };
  }
  export function parse(text: string, options: { manifestUri: string; NOW?: number }): ParsedMpd;
  export function parseUTCTiming(text: string): { method: string; value: string } | null;
}
