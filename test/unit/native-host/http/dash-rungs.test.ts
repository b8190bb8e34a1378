// Segments of a rung in DASH that are listed as the source's, before they begin: the rung is behind its source, and may end.
import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { FragmentReader } from "../../../../native-host/media/fragment-reader.ts";
import type { InitSegment } from "../../../../native-host/media/init-segment.ts";
import type { MediaUnit } from "../../../../native-host/media/unit.ts";
import type { Packager } from "../../../../native-host/packager/packager.ts";
import { feed, makePackager, makeRun, RENDITIONS, type RunMedia, storeOf } from "../packager/media.ts";
import { startServer, type TestServer, TestStream, TOKEN } from "./live-stream.ts";

const RUNG = { ...RENDITIONS.video, id: "rung1", width: 160, height: 90, bitrate: 100_000 } as const;
const REQUEST = { seconds: 6, offset: 0.2 };

let media: RunMedia;
let small: { init: InitSegment; units: MediaUnit[] };
let http: TestServer;
let packager: Packager;

beforeAll(async () => {
  const [source, rung] = await Promise.all([makeRun(REQUEST), makeRun({ ...REQUEST, height: 90 })]);
  media = source;
  const units: MediaUnit[] = [];
  let init: InitSegment | undefined;
  const onInit = (given: InitSegment) => {
    init = given;
  };
  new FragmentReader({ rendition: RUNG, run: 0, onInit, onUnit: (unit) => units.push(unit) }).write(rung.video);
  small = { init: init as InitSegment, units };
}, 60_000);
beforeEach(async () => {
  http = await startServer();
  packager = makePackager();
});
afterEach(() => http.close());

/** A stream whose source has just begun its third segment. */
function begun(): Generator<number> {
  const stream = new TestStream("one", packager);
  stream.rungs = { known: async () => {}, read: (id) => packager.join(id) !== null, make: async () => {} };
  http.streams.add(stream);
  const rest = feed(packager, 0, { video: media.video }, 200);
  while ((packager.main?.last?.msn ?? 0) < 2 || packager.main?.last?.parts.length === 0) rest.next();
  packager.offer(0, [small.init]);
  return rest;
}

const at = (file: string) => `${http.origin}/s/one/${TOKEN}/${file}`;

/** Names of the rung's segments in the MPD: the last two haven't begun in the source either. */
async function names(): Promise<string[]> {
  const text = await (await fetch(at("manifest.mpd"))).text();
  const own = text.slice(text.indexOf('<Representation id="rung1"'));
  const times: number[] = [];
  for (const [, t, d, r = "0"] of own
    .slice(0, own.indexOf("</SegmentTimeline>"))
    .matchAll(/<S t="(\d+)" d="(\d+)"(?: r="(\d+)")?\/>/g))
    for (let n = 0; n <= Number(r); n++) times.push(Number(t) + n * Number(d));
  return times.map((time) => `rung1-0-t${time}.m4s`);
}

it("come when they come, all of them, though the rung has not begun yet", async () => {
  const rest = begun();
  const asked = (await names()).slice(-3).map(async (name) => {
    const answer = await fetch(at(name));
    return [answer.status, (await answer.arrayBuffer()).byteLength];
  });
  await expect.poll(() => http.server.viewerCount("one")).toBeGreaterThan(0);
  await expect.poll(() => packager.find("rung1")).toBeDefined();
  const units = small.units.filter(({ dts }) => dts >= storeOf(packager, "rung1").segments.length * 1000 + 190);
  // Half a second behind the source.
  for (const _ of rest) {
    const reached = packager.main?.last?.end ?? 0;
    while (units[0] && units[0].end < reached - 500) packager.write(units.shift() as MediaUnit);
  }
  for (const unit of units) packager.write(unit);
  packager.closeRun();
  const sizes = [2, 3, 4].map((msn) => [200, storeOf(packager, "rung1").segment(msn)?.bytes]);
  expect(await Promise.all(asked)).toEqual(sizes);
});

it("are refused at once, with the time of the next try, when the rung ends meanwhile", async () => {
  begun();
  const last = (await names()).at(-1) ?? "";
  const asked = fetch(at(last));
  await expect.poll(() => packager.find("rung1")).toBeDefined();
  packager.leave("rung1");
  const answer = await asked;
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "15"]);
});
