// The multivariant playlist (RFC 8216bis 4.4.6) as text: a variant for each video rendition, all with the same audio.
import { playlistName } from "./hls-names.ts";
import type { Packager } from "./packager.ts";
import type { SegmentStore } from "./segment-store.ts";

/** Least BANDWIDTH, bit/s: the attribute may not be 0, and a page that stands still has next to none. */
const LEAST_BITRATE = 1000;

/** Text of `index.m3u8`; says what was measured so far. `null` before there is an init segment. */
export function renderMultivariant(packager: Packager): string | null {
  if (!packager.main?.init) return null;
  const known = packager.renditions.filter(({ init }) => init !== null);
  const videos = known.filter(({ rendition }) => rendition.type === "video");
  const audios = known.filter(({ rendition }) => rendition.type === "audio");
  const lines = ["#EXTM3U", "#EXT-X-VERSION:9", "#EXT-X-INDEPENDENT-SEGMENTS"];
  if (videos.length === 0) {
    for (const audio of audios) lines.push(`#EXT-X-STREAM-INF:${attributes(audio, null)}`, playlistName(audio.id));
  } else {
    for (const { id, rendition, init } of audios) {
      const name = `NAME="Tab",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="${init?.channels}",URI="${playlistName(id)}"`;
      lines.push(`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${rendition.group}",${name}`);
    }
    for (const video of videos) {
      lines.push(`#EXT-X-STREAM-INF:${attributes(video, audios[0] ?? null)}`, playlistName(video.id));
    }
  }
  return [...lines, ""].join("\n");
}

function attributes(main: SegmentStore, audio: SegmentStore | null): string {
  const peak = main.measured.peak_bitrate + (audio?.measured.peak_bitrate ?? 0);
  const average = main.measured.average_bitrate + (audio?.measured.average_bitrate ?? 0);
  const codecs = [main.init?.codec, audio?.init?.codec].filter((codec) => codec !== undefined);
  const list = [`BANDWIDTH=${Math.max(peak, LEAST_BITRATE)}`, `AVERAGE-BANDWIDTH=${Math.max(average, LEAST_BITRATE)}`];
  list.push(`CODECS="${codecs.join(",")}"`);
  if (main.init && main.init.width > 0) {
    list.push(`RESOLUTION=${main.init.width}x${main.init.height}`);
    if (main.measured.frame_rate > 0) list.push(`FRAME-RATE=${main.measured.frame_rate.toFixed(3)}`);
  }
  if (audio) list.push(`AUDIO="${audio.rendition.group}"`);
  return list.join(",");
}
