// The playlists that lie in a store: what they say, and that they are read back as they were.
import { expect, test } from "vitest";
import {
  type PushedGroup,
  type PushedSegment,
  readPushed,
  renderPushed,
} from "../../../../../native-host/sinks/push/pushed-list.ts";

const segment = (id: string, msn: number, more: Partial<PushedSegment> = {}): [string, PushedSegment] => [
  id,
  { name: `${id}-${msn}.m4s`, init: `init-${id}-0.mp4`, duration: 1, gap: false, ...more },
];
const group = (msn: number, number: number, more: Partial<PushedGroup> = {}): PushedGroup => ({
  ...{ msn, number, discontinuity: false, discontinuities: 0, date: `2026-01-01T00:00:0${number % 10}.000Z` },
  ...{ segments: new Map([segment("video", msn), segment("audio", msn, { gap: msn === 12 })]), ...more },
});
const GROUPS = [
  group(8, 3),
  // Three were left out, and another run begins.
  group(11, 4, { discontinuity: true, segments: new Map([segment("video", 11, { init: "init-video-1.mp4" })]) }),
  group(12, 5, { discontinuities: 1 }),
];

test("numbers go on where segments were left out; types, ends and gaps", () => {
  expect(renderPushed("video", GROUPS, 2, "live")).toBe(`#EXTM3U
#EXT-X-VERSION:8
#EXT-X-TARGETDURATION:2
#EXT-X-MEDIA-SEQUENCE:3
#EXT-X-DISCONTINUITY-SEQUENCE:0
#EXT-X-INDEPENDENT-SEGMENTS
#EXT-X-MAP:URI="init-video-0.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:03.000Z
#EXTINF:1.00000,
video-8.m4s
#EXT-X-DISCONTINUITY
#EXT-X-MAP:URI="init-video-1.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:04.000Z
#EXTINF:1.00000,
video-11.m4s
#EXT-X-MAP:URI="init-video-0.mp4"
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:05.000Z
#EXTINF:1.00000,
video-12.m4s
`);
  expect(renderPushed("audio", GROUPS, 2, "live")).toContain("#EXT-X-GAP\n#EXTINF:1.00000,\naudio-12.m4s");
  const ended = renderPushed("audio", GROUPS, 2, "on_demand");
  expect(ended).toContain("#EXT-X-PLAYLIST-TYPE:VOD");
  expect(ended).not.toContain("audio-12");
  expect(ended).toMatch(/audio-8\.m4s\n#EXT-X-ENDLIST\n$/);
});

test("what was written is read back, also from two overlapping playlists; what isn't ours is left out", () => {
  const texts = new Map([
    ["video", renderPushed("video", GROUPS, 2, "live")],
    ["audio", renderPushed("audio", GROUPS, 2, "live")],
  ]);
  expect(readPushed(texts)).toEqual(GROUPS);
  const both = renderPushed("video", GROUPS.slice(0, 2), 2, "live") + renderPushed("video", GROUPS.slice(1), 2, "live");
  expect(readPushed(new Map([["video", both]])).map(({ msn, number }) => [msn, number])).toEqual([
    ...[
      [8, 3],
      [11, 4],
      [12, 5],
    ],
  ]);
  expect(readPushed(new Map([["video", "<html>\n../video-1.m4s\nother-1.m4s\nvideo-x.m4s"]]))).toEqual([]);
});
