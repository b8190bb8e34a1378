// The kinds of media of a stream. Never holds anything else.

/** The kinds of media that FFmpeg delivers apart. */
export type TrackKind = "video" | "audio";
