// What the figures know of the capture: whether a picture has come since it began a run, and how often it began one by itself.
import { expect, test } from "vitest";
import { Figures } from "../../../../native-host/stream/figures.ts";
import { MediaFeed } from "../../../../native-host/stream/media-feed.ts";

const HEADER = { start: 0, duration: 33, keyframe: true, frames: 1 } as never;

test("a picture counts for the run that the capture began last, sound doesn't", () => {
  const figures = new Figures(new MediaFeed(), () => 0, 0);
  expect(figures.moves).toBe(false);
  figures.write("audio", new Uint8Array(1), HEADER);
  expect(figures.moves).toBe(false);
  figures.write("video", new Uint8Array(1), HEADER);
  expect(figures.moves).toBe(true);
  figures.captureBegins(false);
  expect(figures.moves).toBe(false);
  figures.write("video", new Uint8Array(1), HEADER);
  expect(figures.moves).toBe(true);
});

test("restarts of the capture are those by itself, and the deaths of hosts before", () => {
  const figures = new Figures(new MediaFeed(), () => 0, 0, 2);
  figures.captureBegins(false);
  figures.captureBegins(true);
  const reading = { state: "active", trouble: null, buffer_health: null, ignored_bytes: 0, output: null } as const;
  expect(figures.read(0, reading).recovery_metrics.capture_restarts).toBe(3);
});
