// What is read once for all simulated viewers, and when it is read again.
import { describe, expect, it } from "vitest";
import { PlaylistReader } from "../../../bench/viewers/playlist-reader.ts";

const text = (msn: number) =>
  Buffer.from(
    ["#EXTM3U", "#EXT-X-TARGETDURATION:2", `#EXT-X-MEDIA-SEQUENCE:${msn}`, "#EXTINF:1,", `${msn}.m4s`].join("\n"),
  );

describe("playlist reader", () => {
  it("reads a text once, for each address", () => {
    const reader = new PlaylistReader();
    const first = reader.read(text(4), "http://localhost/video.m3u8");
    expect(first.segments).toMatchObject([{ msn: 4, url: "http://localhost/4.m4s" }]);
    expect(reader.read(text(4), "http://localhost/video.m3u8")).toBe(first);
    expect(reader.read(text(4), "http://localhost/sound/audio.m3u8").segments[0]?.url).toBe(
      "http://localhost/sound/4.m4s",
    );
    expect(reader.read(text(5), "http://localhost/video.m3u8").segments[0]?.msn).toBe(5);
  });

  it("forgets the oldest of many", () => {
    const reader = new PlaylistReader();
    const first = reader.read(text(0), "http://localhost/video.m3u8");
    for (let msn = 1; msn <= 16; msn++) reader.read(text(msn), "http://localhost/video.m3u8");
    const again = reader.read(text(0), "http://localhost/video.m3u8");
    expect(again).not.toBe(first);
    expect(again).toEqual(first);
  });
});
