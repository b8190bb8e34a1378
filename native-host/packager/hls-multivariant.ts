// The multivariant playlist (RFC 8216bis 4.4.6) as text. Never waits and never caches.
import { playlistName } from "./hls-names.ts";
import type { Packager } from "./packager.ts";
import type { Rendition } from "./rendition.ts";

const AUDIO_GROUP = "audio";
/** Least BANDWIDTH, bit/s: the attribute may not be 0, and a page that stands still has next to none. */
const LEAST_BITRATE = 1000;

/** Text of `index.m3u8`; says what was measured so far. `null` before there is an init segment. */
export function renderMultivariant(packager: Packager): string | null {
  const { main } = packager;
  if (!main?.init) return null;
  const audio = packager.video && packager.audio?.init ? packager.audio : null;
  const lines = ["#EXTM3U", "#EXT-X-VERSION:9", "#EXT-X-INDEPENDENT-SEGMENTS"];
  if (audio) {
    const name = `NAME="Tab",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="2",URI="${playlistName("audio")}"`;
    lines.push(`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${AUDIO_GROUP}",${name}`);
  }
  lines.push(`#EXT-X-STREAM-INF:${attributes(main, audio)}`, playlistName(main.kind), "");
  return lines.join("\n");
}

function attributes(main: Rendition, audio: Rendition | null): string {
  const peak = main.measured.peak_bitrate + (audio?.measured.peak_bitrate ?? 0);
  const average = main.measured.average_bitrate + (audio?.measured.average_bitrate ?? 0);
  const codecs = [main.init?.codec, audio?.init?.codec].filter((codec) => codec !== undefined);
  const list = [`BANDWIDTH=${Math.max(peak, LEAST_BITRATE)}`, `AVERAGE-BANDWIDTH=${Math.max(average, LEAST_BITRATE)}`];
  list.push(`CODECS="${codecs.join(",")}"`);
  if (main.init && main.init.width > 0) {
    list.push(`RESOLUTION=${main.init.width}x${main.init.height}`);
    if (main.measured.frame_rate > 0) list.push(`FRAME-RATE=${main.measured.frame_rate.toFixed(3)}`);
  }
  if (audio) list.push(`AUDIO="${AUDIO_GROUP}"`);
  return list.join(",");
}
