import { Parser } from "m3u8-parser";
import { parse } from "mpd-parser";
import { beforeAll, expect, test } from "vitest";
import { DashManifest } from "../../../../native-host/packager/dash-manifest.ts";
import { daterangeTag } from "../../../../native-host/packager/hls-dateranges.ts";
import { renderMediaPlaylist } from "../../../../native-host/packager/hls-media-playlist.ts";
import type { Mark } from "../../../../native-host/packager/mark.ts";
import type { Packager } from "../../../../native-host/packager/packager.ts";
import { feedWhole, makePackager, makeRun, type RunMedia, STARTED_AT, storeOf } from "./media.ts";

let media: RunMedia;

beforeAll(async () => {
  media = await makeRun({ seconds: 4, offset: 0.5 });
}, 60_000);

const mark = (id: string, start: number, end: number | null, more: Partial<Mark> = {}): Mark => ({
  ...{ id, name: id, parent_id: null, state: end === null ? "running" : "done", detail: null },
  ...{ start, end },
  ...more,
});

/** Four seconds of media with the marks. */
function packagerWith(marks: readonly Mark[]): Packager {
  const packager = makePackager();
  feedWhole(packager, 0, media);
  packager.setMarks(marks);
  return packager;
}

const tags = (packager: Packager, id = "video") =>
  renderMediaPlaylist(packager, storeOf(packager, id))
    .split("\n")
    .filter((line) => line.startsWith("#EXT-X-DATERANGE"));

test("a mark is a date range on the stream's clock; its end only adds attributes", () => {
  const running = daterangeTag(mark("a", 1500, null, { name: 'say "hi"\nnow', parent_id: "p" }), STARTED_AT + 1500);
  const ended = daterangeTag(
    mark("a", 1500, 2750, { name: 'say "hi"\nnow', parent_id: "p", state: "failed", detail: "no" }),
    STARTED_AT + 1500,
  );
  expect(running).toBe(
    `#EXT-X-DATERANGE:ID="a",CLASS="com.flybrowser.task",START-DATE="2030-01-01T12:00:01.500Z",` +
      `X-NAME="say 'hi' now",X-PARENT-ID="p"`,
  );
  const split = (tag: string) => tag.slice("#EXT-X-DATERANGE:".length).split(",");
  expect(split(ended)).toEqual(expect.arrayContaining(split(running)));
  expect(split(ended)).toEqual(
    expect.arrayContaining([
      'END-DATE="2030-01-01T12:00:02.750Z"',
      "DURATION=1.250",
      'X-STATE="failed"',
      'X-DETAIL="no"',
    ]),
  );
});

test("the video's playlist has them, in full and in delta updates; the audio's has none", () => {
  const packager = packagerWith([mark("a", 1000, 2000), mark("b", 3000, null)]);
  expect(tags(packager)).toHaveLength(2);
  expect(tags(packager, "audio")).toEqual([]);
  const parser = new Parser();
  parser.push(renderMediaPlaylist(packager, storeOf(packager, "video"), true));
  parser.end();
  const { dateRanges } = parser.manifest;
  expect(dateRanges.map(({ id, startDate }) => [id, startDate.getTime() - STARTED_AT])).toEqual([
    ["a", 1000],
    ["b", 3000],
  ]);
});

test("a mark that ended before the first listed segment is gone, one that reaches into it is not", () => {
  const packager = makePackager({ window: { seconds: 1, bytes: 1e9 } });
  feedWhole(packager, 0, media);
  const from = packager.find("video")?.listed[0]?.start ?? 0;
  expect(from).toBeGreaterThan(400);
  packager.setMarks([mark("gone", 0, from - 1), mark("reaches", 0, from + 1), mark("runs", 0, null)]);
  expect(tags(packager).map((tag) => /ID="(\w+)"/.exec(tag)?.[1])).toEqual(["reaches", "runs"]);
});

test("players that wait are told of a new mark", () => {
  const packager = packagerWith([]);
  const { version } = packager;
  let told = 0;
  packager.onChange(() => told++);
  packager.setMarks([mark("a", 0, null)]);
  expect(packager.version).toBeGreaterThan(version);
  expect(told).toBe(1);
});

test("in the MPD they are events on the same clock, the message being the mark", () => {
  const marks = [mark("early", -200, 1200, { name: '<b> & "c"' }), mark("b", 3000, null)];
  const text = new DashManifest(packagerWith(marks)).render() ?? "";
  const mpd = parse(text, { manifestUri: "http://h/s/one/t/manifest.mpd", NOW: STARTED_AT + 60_000 });
  expect(mpd.eventStream.map(({ messageData }) => JSON.parse(messageData))).toEqual(marks);
  const [period] = /<Period id="0" start="PT([\d.]+)S"/.exec(text)?.slice(1) ?? [];
  const offset = Number(/presentationTimeOffset="(\d+)"[^>]*>\s*<Event /.exec(text)?.[1]);
  expect(offset).toBe(Number(period) * 1000);
  expect(
    [...text.matchAll(/<Event id="(\d+)" presentationTime="(\d+)"(?: duration="(\d+)")?/g)].map((m) => m.slice(1)),
  ).toEqual([
    ["1", String(offset), String(1200 - offset)],
    ["2", "3000", undefined],
  ]);
  expect(text.indexOf("<EventStream")).toBeLessThan(text.indexOf("<AdaptationSet"));
});

test("whatever a name holds, playlist and manifest stay what their standards allow", () => {
  const everything = Array.from({ length: 0x300 }, (_, code) => String.fromCharCode(code)).join("");
  const name = `${everything}\u2028\u2029\u202e\ufeff\ufffe\uffff\ud800 \u{1f600}`;
  const packager = packagerWith([mark("a", 1000, 2000, { name, detail: name })]);
  const playlist = renderMediaPlaylist(packager, storeOf(packager, "video"));
  expect(playlist.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\ufeff]/u); // RFC 8216, 4.1
  expect(tags(packager)).toHaveLength(1);
  expect(tags(packager)[0]?.match(/"/g)).toHaveLength(2 * 7);
  const manifest = new DashManifest(packager).render();
  // XML 1.0, 2.2
  expect(manifest).toMatch(/^[\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]*$/u);
  expect(manifest).toContain("\u{1f600}");
});
