// Media without holes, for players that can't get over one: where nothing was captured between two runs, and where a run ends without
// sound.
import { earlier } from "../media/sample-durations.ts";
import { silentFragment } from "../media/silence.ts";
import type { Packager } from "../packager/packager.ts";
import type { Segment } from "../packager/segment.ts";
import type { SegmentStore } from "../packager/segment-store.ts";
import { type HttpResponse, isWhole } from "./response.ts";

/**
 * VLC and GStreamer wait out what is missing between two runs, and after some deaths of FFmpeg in a row they stand for good. They don't know
 * EXT-X-GAP either: they ask for such a segment, and are without sound or stand after its 404 (docs/decisions/programs.md).
 */
export const WAITS_OUT_HOLES = /^(?:VLC\/3\.|GStreamer)/;

/** The same media as much earlier as there is missing before, of all renditions what is missing of the leading one: they stay together. */
export function withoutHoles(
  response: HttpResponse,
  packager: Packager,
  store: SegmentStore,
  msn: number,
): HttpResponse {
  const { missing = 0, run } = packager.main?.segment(msn) ?? {};
  const init = run === undefined ? undefined : store.initOf(run);
  if (response.status !== 200 || !isWhole(response.body) || !init || missing === 0) return response;
  const ticks = Math.round((missing * init.timescale) / 1000);
  return { ...response, body: response.body.map((piece) => earlier(piece, ticks)) };
}

/** What stands in for a gap in the sound; nothing where its run has none that silence could be made for. */
export function silenceOf(store: SegmentStore, { run, start, duration }: Segment): readonly Uint8Array[] {
  const init = store.initOf(run);
  return init ? silentFragment(init, start, duration) : [];
}
