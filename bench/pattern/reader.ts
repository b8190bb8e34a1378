// Reads the pattern back from whatever <video> the page shows, once per presented frame, and keeps what it saw. Runs in the
// viewer's browser.
import {
  ageOf,
  COLUMNS,
  PICTURE_COLUMNS,
  PICTURE_ROWS,
  ROWS,
  readPattern,
  SAMPLE_HEIGHT,
  SAMPLE_WIDTH,
} from "./codec.ts";

/** One presented frame: frame number, its stamp, when it was shown (ms since 1970), latency in ms. */
export type Seen = readonly [frame: number, time: number, shownAt: number, latency: number];

/** What a reader has seen since it was last asked. */
export interface Reading {
  readonly seen: Seen[];
  /** Presented frames without a valid pattern. */
  readonly unreadable: number;
  /** `waiting` events of the video. */
  readonly waiting: number;
  readonly video_width: number;
  readonly video_height: number;
  readonly playback_rate: number;
}

declare global {
  interface Window {
    /** Gives what was seen since the last call and forgets it. */
    takeReading: () => Reading;
  }
}

const KEPT = 20_000;

/** Every <video> of the document and of open shadow roots. */
function findVideo(root: Document | ShadowRoot = document): HTMLVideoElement | null {
  const video = root.querySelector("video");
  if (video) return video;
  for (const element of root.querySelectorAll("*")) {
    const inside = element.shadowRoot ? findVideo(element.shadowRoot) : null;
    if (inside) return inside;
  }
  return null;
}

function start(): void {
  const canvas = new OffscreenCanvas(SAMPLE_WIDTH, SAMPLE_HEIGHT);
  const context = canvas.getContext("2d", { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  let seen: Seen[] = [];
  let unreadable = 0;
  let waiting = 0;
  let current: HTMLVideoElement | null = null;

  const read = (video: HTMLVideoElement, metadata: VideoFrameCallbackMetadata) => {
    const width = (video.videoWidth * COLUMNS) / PICTURE_COLUMNS;
    const height = (video.videoHeight * ROWS) / PICTURE_ROWS;
    context.drawImage(video, 0, 0, width, height, 0, 0, SAMPLE_WIDTH, SAMPLE_HEIGHT);
    const stamp = readPattern(context.getImageData(0, 0, SAMPLE_WIDTH, SAMPLE_HEIGHT).data, 4);
    if (!stamp) {
      unreadable++;
      return;
    }
    // When the frame reaches the glass, on the clock that the pattern is stamped with.
    const shownAt = Date.now() - performance.now() + metadata.expectedDisplayTime;
    if (seen.length < KEPT) seen.push([stamp.frame, stamp.time, shownAt, ageOf(stamp, shownAt)]);
  };

  const watch = (video: HTMLVideoElement) => {
    current = video;
    video.addEventListener("waiting", () => waiting++);
    const next = (_now: number, metadata: VideoFrameCallbackMetadata) => {
      if (current !== video) return;
      read(video, metadata);
      video.requestVideoFrameCallback(next);
    };
    video.requestVideoFrameCallback(next);
  };

  const look = () => {
    const video = findVideo();
    if (video && video !== current) watch(video);
  };
  look();
  setInterval(look, 100); // a player may replace its element when it changes the way

  window.takeReading = () => {
    const reading: Reading = {
      seen,
      unreadable,
      waiting,
      video_width: current?.videoWidth ?? 0,
      video_height: current?.videoHeight ?? 0,
      playback_rate: current?.playbackRate ?? 0,
    };
    seen = [];
    unreadable = 0;
    waiting = 0;
    return reading;
  };
}

start();
