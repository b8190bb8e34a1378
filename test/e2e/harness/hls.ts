// Reads HLS playlists as a player does, and waits until they grow. Never reads the media.
import { until } from "./until.ts";

/** A media playlist now. */
export interface MediaPlaylist {
  readonly text: string;
  /** Whether it says that nothing follows. */
  readonly ended: boolean;
  /** Number of the segment that comes next. */
  readonly next: number;
  /** Whole segments in it. */
  readonly segments: readonly { readonly uri: string; readonly duration: number }[];
}

async function text(url: string): Promise<string> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.text();
}

/** The playlist of one track. */
export async function mediaPlaylist(hls: string, track: "video" | "audio" = "video"): Promise<MediaPlaylist> {
  const content = await text(new URL(`${track}.m3u8`, hls).href);
  const segments = [...content.matchAll(/^#EXTINF:([\d.]+),.*\n(?:#.*\n)*([^#\n]+)$/gm)].map(
    ([, duration, uri = ""]) => ({ uri, duration: Number(duration) }),
  );
  const first = Number(/^#EXT-X-MEDIA-SEQUENCE:(\d+)/m.exec(content)?.[1] ?? Number.NaN);
  return { text: content, ended: content.includes("#EXT-X-ENDLIST"), next: first + segments.length, segments };
}

/** Attributes of the one variant of a multivariant playlist. */
export async function variant(hls: string): Promise<string> {
  return /^#EXT-X-STREAM-INF:(.*)$/m.exec(await text(hls))?.[1] ?? "";
}

/** Waits until `count` more segments of picture and sound are there; gives the ms that it took. */
export async function untilMore(hls: string, count = 2, timeout = 20_000): Promise<number> {
  const began = performance.now();
  const tracks = ["video", "audio"] as const;
  const before = await until(
    "the playlists answer",
    () => Promise.all(tracks.map((each) => mediaPlaylist(hls, each))),
    timeout,
  );
  await until(
    `${count} more segments in ${hls}`,
    async () => {
      const now = await Promise.all(tracks.map((each) => mediaPlaylist(hls, each)));
      return now.every(({ next }, index) => next >= (before[index]?.next ?? 0) + count);
    },
    timeout,
  );
  return performance.now() - began;
}
