// What the simulated viewers understand of playlists, and where they go next.
import { describe, expect, it } from "vitest";
import { blockingUrl, parseMedia, parseMultivariant, partsAfter } from "../../../bench/hls/playlist.ts";

const BASE = "http://127.0.0.1:9/s/a/b/video.m3u8";
const PLAYLIST = `#EXTM3U
#EXT-X-TARGETDURATION:1
#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=0.600,HOLD-BACK=3,CAN-SKIP-UNTIL=6
#EXT-X-PART-INF:PART-TARGET=0.200
#EXT-X-MEDIA-SEQUENCE:10
#EXT-X-MAP:URI="init.mp4"
#EXTINF:1.00000,
video10.m4s
#EXT-X-PROGRAM-DATE-TIME:2026-01-01T00:00:00.000Z
#EXT-X-PART:DURATION=0.20000,URI="video11.0.m4s",INDEPENDENT=YES
#EXT-X-PART:DURATION=0.20000,URI="video11.1.m4s"
#EXTINF:0.40000,
video11.m4s
#EXT-X-PART:DURATION=0.20000,URI="video12.0.m4s",INDEPENDENT=YES
#EXT-X-PRELOAD-HINT:TYPE=PART,URI="video12.1.m4s"
`;

describe("playlist", () => {
  it("finds picture and sound", () => {
    const text = `#EXTM3U
#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="a",NAME="sound",URI="audio.m3u8"
#EXT-X-STREAM-INF:BANDWIDTH=1,CODECS="avc1.42e01f,mp4a.40.2",AUDIO="a"
video.m3u8
`;
    expect(parseMultivariant(text, "http://h/s/index.m3u8")).toEqual({
      video: "http://h/s/video.m3u8",
      audio: "http://h/s/audio.m3u8",
    });
    expect(parseMultivariant(PLAYLIST, BASE)).toEqual({ video: BASE, audio: null });
  });

  it("numbers segments and parts", () => {
    const playlist = parseMedia(PLAYLIST, BASE);
    expect(playlist.segments.map(({ msn, duration }) => [msn, duration])).toEqual([
      [10, 1],
      [11, 0.4],
    ]);
    expect(playlist.parts.map(({ msn, index }) => [msn, index])).toEqual([
      [11, 0],
      [11, 1],
      [12, 0],
    ]);
    expect(playlist.parts[0]?.url).toBe("http://127.0.0.1:9/s/a/b/video11.0.m4s");
    expect(playlist).toMatchObject({
      part_target: 0.2,
      part_hold_back: 0.6,
      can_block: true,
      can_skip: true,
      ended: false,
    });
    expect(playlist.init).toBe("http://127.0.0.1:9/s/a/b/init.mp4");
  });

  it("counts what a delta update leaves out", () => {
    const delta = PLAYLIST.replace("#EXTINF:1.00000,\nvideo10.m4s\n", "#EXT-X-SKIP:SKIPPED-SEGMENTS=5\n");
    expect(parseMedia(delta, BASE).parts[0]).toMatchObject({ msn: 15, index: 0 });
  });

  it("takes only parts that it hasn't had", () => {
    const { parts } = parseMedia(PLAYLIST, BASE);
    expect(partsAfter(parts, { msn: 11, index: 0 }).map(({ msn, index }) => [msn, index])).toEqual([
      [11, 1],
      [12, 0],
    ]);
    expect(partsAfter(parts, { msn: 12, index: 0 })).toEqual([]);
  });

  it("asks for the part after the last one", () => {
    expect(blockingUrl(BASE, { msn: 12, index: 0 }, true)).toBe(`${BASE}?_HLS_msn=12&_HLS_part=1&_HLS_skip=YES`);
  });
});
