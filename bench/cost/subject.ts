// What is measured for its cost: the interface of a subject, and the list of them. Each runs in a process of its own (driver.ts),
// so that all it costs is counted.

import type { WebRtcAudience } from "./webrtc-viewers.ts";

/** What a subject gets. */
export interface SubjectContext {
  /** The page to show, 1280×720. */
  readonly page_url: string;
  /** An empty folder for its output. */
  readonly folder: string;
}

/** What a subject made, for counting the distinct frames in it afterwards. */
export interface SubjectOutput {
  /** A media file, if it made one. */
  readonly file: string | null;
  /** Times (ms since 1970) of the frames that the page painted, when there is no output. */
  readonly painted: number[] | null;
}

/** A subject that runs. */
export interface RunningSubject {
  /** Set where the bench itself has to read: the multivariant playlist. */
  readonly hls_url?: string;
  /** Set where the bench itself has to watch. */
  readonly webrtc?: WebRtcAudience;
  /** Ends everything it started and gives what it made. */
  finish(): Promise<SubjectOutput>;
}

/** One thing to measure. */
export interface SubjectInfo {
  readonly name: string;
  readonly title: string;
  /** What a reader of the table has to know. */
  readonly note: string;
}

/** All subjects, in the order of the table. */
export const SUBJECTS = [
  { name: "tab", title: "tab alone", note: "frames painted by the page" },
  {
    name: "record-only",
    title: "tab recorded, thrown away",
    note: "tabCapture and MediaRecorder in an extension of the bench, no host",
  },
  { name: "chain", title: "FlyBrowser Stream, one HLS reader", note: "H.264 and AAC, LL-HLS" },
  { name: "webrtc-1", title: "… with one WebRTC viewer", note: "frames at the viewer, who decodes on the same cores" },
  { name: "webrtc-4", title: "… with four WebRTC viewers", note: "frames at the first of them" },
  { name: "webrtc-16", title: "… with 16 WebRTC viewers", note: "twelve of them only receive" },
  { name: "webrtc-64", title: "… with 64 WebRTC viewers", note: "sixty of them only receive" },
  {
    name: "screencast",
    title: "screencast into x264 (FlyBrowser)",
    note: "DevTools screencast, JPEG q80, libx264 veryfast, HLS; no sound",
  },
  { name: "puppeteer-stream", title: "puppeteer-stream", note: "WebM over a WebSocket into a file" },
  { name: "playwright", title: "Playwright recordVideo", note: "VP9 at 25 fps into a file; no sound" },
] as const satisfies readonly SubjectInfo[];

/** Name of a subject. */
export type SubjectName = (typeof SUBJECTS)[number]["name"];
