// The multivariant playlist (RFC 8216bis 4.4.6) as text: a variant for each video rendition, all with the same audio. Rungs that
// nobody reads stand in it as well: they are made when somebody does.
import type { InitSegment } from "../media/init-segment.ts";
import { averageBandwidth, peakBandwidth } from "./bandwidth.ts";
import { playlistName } from "./hls-names.ts";
import type { Packager } from "./packager.ts";
import type { Measured, SegmentStore } from "./segment-store.ts";

/** What stands in a variant. */
interface Variant {
  readonly init: InitSegment;
  /** `null`: nothing yet. */
  readonly measured: Measured | null;
  /** Frames a second; 0: not known yet. */
  readonly frame_rate: number;
  readonly rung: boolean;
}

/**
 * Text of `index.m3u8`; says what was measured so far. `null` before there is an init segment. `ladder`: with the rungs, if there
 * are any.
 */
export function renderMultivariant(packager: Packager, ladder = true): string | null {
  if (!packager.main?.init) return null;
  const rungs = packager.rungs.map(({ rendition }) => rendition.id);
  const known = packager.renditions.flatMap((store) => (rungs.includes(store.id) ? [] : (variantOf(store) ?? [])));
  const videos = known.filter(({ init }) => init.rendition.type === "video");
  const audios = known.filter(({ init }) => init.rendition.type === "audio");
  const lines = ["#EXTM3U", "#EXT-X-VERSION:9", "#EXT-X-INDEPENDENT-SEGMENTS"];
  if (videos.length === 0) {
    for (const audio of audios) lines.push(...streamInf(audio, null));
  } else {
    for (const { init } of audios) {
      const { id, group } = init.rendition;
      const name = `NAME="Tab",DEFAULT=YES,AUTOSELECT=YES,CHANNELS="${init.channels}",URI="${playlistName(id)}"`;
      lines.push(`#EXT-X-MEDIA:TYPE=AUDIO,GROUP-ID="${group}",${name}`);
    }
    const made = ladder ? packager.rungs.map((init) => rungOf(packager, init)) : [];
    for (const video of [...videos, ...made]) lines.push(...streamInf(video, audios[0] ?? null));
  }
  return [...lines, ""].join("\n");
}

function variantOf({ init, measured }: SegmentStore): Variant | null {
  return init && { init, measured, frame_rate: measured.frame_rate, rung: false };
}

/** A rung has every frame of the source. */
function rungOf(packager: Packager, init: InitSegment): Variant {
  const measured = packager.find(init.rendition.id)?.measured ?? null;
  return { init, measured, frame_rate: packager.main?.measured.frame_rate ?? 0, rung: true };
}

function streamInf(main: Variant, audio: Variant | null): string[] {
  const parts = audio ? [main, audio] : [main];
  const peak = parts.reduce((sum, { init, measured, rung }) => sum + peakBandwidth(init.rendition, measured, rung), 0);
  const average = parts.reduce((sum, { init, measured }) => sum + averageBandwidth(init.rendition, measured), 0);
  const list = [`BANDWIDTH=${peak}`, `AVERAGE-BANDWIDTH=${Math.min(average, peak)}`];
  list.push(`CODECS="${parts.map(({ init }) => init.codec).join(",")}"`);
  if (main.init.width > 0) {
    list.push(`RESOLUTION=${main.init.width}x${main.init.height}`);
    if (main.frame_rate > 0) list.push(`FRAME-RATE=${main.frame_rate.toFixed(3)}`);
  }
  if (audio) list.push(`AUDIO="${audio.init.rendition.group}"`);
  return [`#EXT-X-STREAM-INF:${list.join(",")}`, playlistName(main.init.rendition.id)];
}
