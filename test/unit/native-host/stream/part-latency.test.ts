import { beforeAll, expect, test } from "vitest";
import { PartLatency } from "../../../../native-host/stream/part-latency.ts";
import { feed, makePackager, makeRun, type RunMedia, STARTED_AT } from "../packager/media.ts";

let media: RunMedia;
beforeAll(async () => {
  media = await makeRun({ seconds: 3, offset: 0.5 });
}, 60_000);

test("each part is told once, with the time since the capture of its beginning", () => {
  const packager = makePackager();
  const latency = new PartLatency(packager);
  const told = { video: 0, audio: 0 };
  for (const _ of feed(packager, 0, media, 2_000)) {
    for (const { rendition, seconds } of latency.look(STARTED_AT + 10_000)) {
      told[rendition]++;
      // All of it was captured between 0.5 and 3.5 s on the stream's clock; the sound begins a frame earlier.
      expect(seconds).toBeLessThanOrEqual(9.55);
      expect(seconds).toBeGreaterThanOrEqual(6.5);
    }
  }
  packager.end();
  for (const { rendition } of latency.look(STARTED_AT + 10_000)) told[rendition]++;
  const parts = (kind: "video" | "audio") =>
    (packager[kind]?.segments ?? []).reduce((sum, segment) => sum + segment.parts.length, 0);
  expect(told).toEqual({ video: parts("video"), audio: parts("audio") });
  expect(told.video).toBeGreaterThan(5);
  expect(latency.look(STARTED_AT + 10_000)).toEqual([]);
});
