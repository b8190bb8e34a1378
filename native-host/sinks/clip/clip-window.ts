// What of a stream's rewind window belongs to a clip: its stretch of time, and the media of it, run by run.

import type { ResolvedClipOptions } from "../../../protocol/clips.ts";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { sentence } from "../../../protocol/sentence.ts";
import { isSource } from "../../media/rendition.ts";
import type { Packager } from "../../packager/packager.ts";
import type { Segment } from "../../packager/segment.ts";
import type { SegmentStore } from "../../packager/segment-store.ts";
import type { TimedTask } from "../../stream/task-store.ts";

/** A stretch of the stream's clock; ms since media time 0. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/** The media of one run in a stretch, as files that begin with their init segments. */
export interface RunMedia {
  /** Those of the video, each from a keyframe on. */
  readonly groups: readonly (Stretch & { readonly data: readonly Uint8Array[] })[];
  readonly video_init: Uint8Array;
  /** `null`: no sound. */
  readonly audio: readonly Uint8Array[] | null;
}

/** What is asked of the stream. */
export interface ClipSource {
  readonly packager: Pick<Packager, "renditions" | "started_at">;
  readonly findTask: (task_id: string) => TimedTask | undefined;
  /** Epoch ms by the stream's clock. */
  readonly now: number;
}

/** ms of a picture that is asked for alone. */
const PICTURE = 1;

/**
 * The stretch that is meant, as far as it has passed.
 * @throws FlyBrowserError `task_not_found`
 */
export function wantedStretch({ packager, findTask, now }: ClipSource, options: ResolvedClipOptions): Stretch {
  const { task_id, seconds = 0, format } = options;
  const at = (epoch: number) => epoch - packager.started_at;
  let [from, to] = [at(now - seconds * 1000), at(now)];
  if (task_id !== undefined) {
    const task = findTask(task_id);
    if (!task) throw new FlyBrowserError("task_not_found", { task_id });
    [from, to] = [at(task.start), at(task.end ?? now)];
  }
  if (format !== "png") return { from, to };
  const moment = task_id === undefined ? from : to;
  return { from: moment - PICTURE, to: moment };
}

/** Until when there is video, ms since media time 0; `null`: there is none yet. */
export function videoEnd({ renditions }: Pick<Packager, "renditions">): number | null {
  return videoOf(renditions)?.segments.findLast(hasMedia)?.end ?? null;
}

/**
 * The stretch as far as there are media of it.
 * @throws FlyBrowserError `clip_unavailable`
 */
export function heldStretch({ renditions }: Pick<Packager, "renditions">, { from, to }: Stretch): Stretch {
  const segments = videoOf(renditions)?.segments.filter(hasMedia) ?? [];
  const [first, last] = [segments[0], segments.at(-1)];
  if (!first || !last) throw new FlyBrowserError("clip_unavailable", { reason: sentence("clip.no_media") });
  // A picture is shown until the next one comes: that of the moment may be the newest that there is.
  const held = { from: Math.max(from, first.start), to: Math.min(to, last.end) };
  if (to - from <= PICTURE && from >= last.end) return { from: last.end - PICTURE, to: last.end };
  if (held.to > held.from) return held;
  const seconds = Math.round((last.end - first.start) / 1000);
  throw new FlyBrowserError("clip_unavailable", { reason: sentence("clip.not_held", { seconds }) });
}

/** The media of a stretch; of video from the keyframe before it. */
export function mediaWithin({ renditions }: Pick<Packager, "renditions">, { from, to }: Stretch): RunMedia[] {
  const video = videoOf(renditions);
  const audio = renditions.find(({ rendition }) => rendition.type === "audio");
  const within = (segment: Segment) => hasMedia(segment) && segment.end > from && segment.start < to;
  const groups = video?.segments.filter(within) ?? [];
  const runs = [...new Set(groups.map(({ run }) => run))];
  return runs.flatMap((run) => {
    const init = video?.initOf(run)?.data;
    if (!init) return [];
    const sounds = audio?.segments.filter((segment) => segment.run === run && within(segment)) ?? [];
    const sound_init = audio?.initOf(run)?.data;
    return {
      groups: groups
        .filter((segment) => segment.run === run)
        .map((segment) => ({ from: segment.start, to: segment.end, data: segment.data })),
      video_init: init,
      audio: sound_init && sounds.length > 0 ? [sound_init, ...sounds.flatMap(({ data }) => data)] : null,
    };
  });
}

function hasMedia(segment: Segment): boolean {
  return !segment.gap && segment.bytes > 0;
}

function videoOf(renditions: readonly SegmentStore[]): SegmentStore | undefined {
  const all = renditions.map(({ rendition }) => rendition);
  return renditions.find(({ rendition }) => rendition.type === "video" && isSource(rendition, all));
}
