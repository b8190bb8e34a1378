// A rung in HLS that ends while a viewer waits for what comes next of it: the answer is there at once, so that players change over.
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { FragmentReader } from "../../../../native-host/media/fragment-reader.ts";
import type { InitSegment } from "../../../../native-host/media/init-segment.ts";
import type { Packager } from "../../../../native-host/packager/packager.ts";
import { feed, makePackager, makeRun, RENDITIONS, type RunMedia } from "../packager/media.ts";
import { startServer, type TestServer, TestStream, TOKEN } from "./live-stream.ts";

const RUNG = { ...RENDITIONS.video, id: "rung1", width: 160, height: 90, bitrate: 100_000 } as const;
const REQUEST = { seconds: 6, offset: 0.2 };

let media: RunMedia;
let init: InitSegment;
let http: TestServer;
let packager: Packager;

beforeAll(async () => {
  const [source, rung] = await Promise.all([makeRun(REQUEST), makeRun({ ...REQUEST, height: 90 })]);
  media = source;
  const onInit = (given: InitSegment) => {
    init = given;
  };
  new FragmentReader({ rendition: RUNG, run: 0, onInit, onUnit: () => {} }).write(rung.video);
}, 60_000);
beforeEach(async () => {
  http = await startServer();
  packager = makePackager();
  const stream = new TestStream("one", packager);
  stream.rungs = { known: async () => {}, read: (id) => packager.join(id) !== null, make: async () => {} };
  http.streams.add(stream);
  const rest = feed(packager, 0, { video: media.video }, 200);
  while ((packager.main?.last?.msn ?? 0) < 2 || packager.main?.last?.parts.length === 0) rest.next();
  packager.offer(0, [init]);
});
afterEach(() => http.close());

it.each([
  ["the next playlist", () => `rung1.m3u8?_HLS_msn=${packager.main?.last?.msn}&_HLS_part=1`],
  ["a part that was hinted", () => `rung1-${packager.main?.last?.msn}.0.m4s`],
])("%s", async (_what, name) => {
  packager.join("rung1");
  const began = performance.now();
  let answered = false;
  const asked = fetch(`${http.origin}/s/one/${TOKEN}/${name()}`).finally(() => {
    answered = true;
  });
  await expect.poll(() => http.server.viewerCount("one")).toBeGreaterThan(0);
  expect(answered).toBe(false);
  packager.leave("rung1");
  const answer = await asked;
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "15"]);
  expect(performance.now() - began).toBeLessThan(packager.target_duration * 3_000);
});
