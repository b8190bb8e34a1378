// Which stretch of the rewind window a clip is made of, and which media.
import { expect, test } from "vitest";
import {
  type ClipSource,
  heldStretch,
  mediaWithin,
  videoEnd,
  wantedStretch,
} from "../../../../../native-host/sinks/clip/clip-window.ts";
import { parseClipOptions } from "../../../../../protocol/clips.ts";

const data = (text: string) => [new TextEncoder().encode(text)];
const STARTED_AT = 1_000_000;

/** Segments of a second each, from 10 s to 20 s; the run changes at 15 s, and there a second has nothing. */
function store(type: "video" | "audio", id = type as string) {
  const segments = Array.from({ length: 10 }, (_, index) => {
    const [start, run] = [(10 + index) * 1000, index < 5 ? 1 : 2];
    const gap = index === 5;
    return { start, end: start + 1000, run, gap, bytes: gap ? 0 : 1, data: data(`${id}${10 + index}`) };
  });
  const rendition = { id, type, group: type };
  return { rendition, segments, initOf: (run: number) => ({ data: data(`${id}-init${run}`)[0] }) };
}

const renditions = [store("video"), store("video", "rung"), store("audio")];
const packager = { renditions, started_at: STARTED_AT } as unknown as ClipSource["packager"];
const tasks = new Map([
  ["done", { start: STARTED_AT + 12_300, end: STARTED_AT + 14_100 }],
  ["running", { start: STARTED_AT + 18_000, end: null }],
  ["old", { start: STARTED_AT + 1_000, end: STARTED_AT + 2_000 }],
  ["begun_before", { start: STARTED_AT + 5_000, end: STARTED_AT + 12_000 }],
]);
const source = {
  packager,
  findTask: (id: string) => tasks.get(id),
  now: STARTED_AT + 20_000,
} as unknown as ClipSource;
const stretch = (options: object) => heldStretch(packager, wantedStretch(source, parseClipOptions(options)));

test("seconds, tasks that have ended, run, or began before the window", () => {
  expect(stretch({ seconds: 2.5 })).toEqual({ from: 17_500, to: 20_000 });
  expect(stretch({ seconds: 60 })).toEqual({ from: 10_000, to: 20_000 });
  expect(stretch({ task_id: "done" })).toEqual({ from: 12_300, to: 14_100 });
  expect(stretch({ task_id: "running" })).toEqual({ from: 18_000, to: 20_000 });
  expect(stretch({ task_id: "begun_before" })).toEqual({ from: 10_000, to: 12_000 });
  expect(videoEnd(packager)).toBe(20_000);
});

test("a picture is that of the moment, or the newest one", () => {
  expect(stretch({ format: "png", seconds: 3 }).to).toBe(17_000);
  expect(stretch({ format: "png", task_id: "done" }).to).toBe(14_100);
  const later = { ...source, now: STARTED_AT + 25_000 };
  expect(heldStretch(packager, wantedStretch(later, parseClipOptions({ format: "png" }))).to).toBe(20_000);
});

test("what isn't kept, and an unknown task, are errors", () => {
  expect(() => stretch({ task_id: "old" })).toThrow("of that time nothing is kept; it goes back 10 s");
  expect(() => stretch({ task_id: "nobodys" })).toThrow("There is no task nobodys.");
  const empty = { ...packager, renditions: [] };
  expect(() => heldStretch(empty, { from: 0, to: 1000 })).toThrow("the stream has no media yet");
  expect(videoEnd(empty)).toBeNull();
});

test("the media run by run, of the source alone, from the keyframe before", () => {
  const runs = mediaWithin(packager, { from: 13_500, to: 16_500 });
  const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
  expect(runs.map(({ video_init }) => text(video_init))).toEqual(["video-init1", "video-init2"]);
  expect(runs.map(({ groups }) => groups.map(({ data }) => text(data[0])))).toEqual([
    ["video13", "video14"],
    ["video16"],
  ]);
  expect(runs.map(({ audio }) => audio?.map(text))).toEqual([
    ["audio-init1", "audio13", "audio14"],
    ["audio-init2", "audio16"],
  ]);
});
