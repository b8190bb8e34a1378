// Types of the parts of m3u8-parser that the tests use; it ships none.

declare module "m3u8-parser" {
  export interface ParsedPart {
    uri: string;
    duration: number;
    independent?: boolean;
  }
  export interface ParsedSegment {
    uri: string;
    duration: number;
    discontinuity?: boolean;
    gap?: boolean;
    dateTimeString?: string;
    map?: { uri: string };
    parts?: ParsedPart[];
  }
  export interface Manifest {
    targetDuration: number;
    partTargetDuration: number;
    version: number;
    mediaSequence: number;
    discontinuitySequence: number;
    discontinuityStarts: number[];
    independentSegments: boolean;
    endList?: boolean;
    segments: ParsedSegment[];
    preloadSegment?: ParsedSegment & { preloadHints?: { uri: string; type: string }[] };
    serverControl: { canBlockReload: boolean; canSkipUntil: number; partHoldBack: number; holdBack: number };
    skip?: { skippedSegments: number };
    dateRanges: { id: string; startDate: Date; endDate?: Date; duration?: number }[];
    renditionReports?: { uri: string; lastMsn: number; lastPart: number }[];
    playlists?: {
      uri: string;
      attributes: Record<string, unknown> & { RESOLUTION?: { width: number; height: number } };
    }[];
    mediaGroups: { AUDIO: Record<string, Record<string, { uri: string }>> };
  }
  export class Parser {
    readonly manifest: Manifest;
    push(text: string): void;
    end(): void;
  }
}
