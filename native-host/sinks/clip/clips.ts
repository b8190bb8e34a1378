// Makes clips, one after another: the media of a stretch into a folder of its own, then by FFmpeg into one file beside the recordings.
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Deadline, Serial, sleep } from "../../../protocol/async.ts";
import { type ClipResult, parseClipOptions, type ResolvedClipOptions } from "../../../protocol/clips.ts";
import { FlyBrowserError, wordsOf } from "../../../protocol/errors.ts";
import { isProcessAlive } from "../../../protocol/node/control-files.ts";
import { draftOf } from "../../../protocol/node/recording-files.ts";
import { sentence } from "../../../protocol/sentence.ts";
import { runFfmpeg } from "../recording/finish.ts";
import { type Piece, planFinish } from "../recording/finish-plan.ts";
import { mediaFileName } from "../recording/media-files.ts";
import { placeDraft, releaseTarget, reserveTarget } from "../recording/target-path.ts";
import { scanTrack } from "../recording/track-scan.ts";
import { cutArguments, GIF_FORMS, gifArguments, headArguments, pictureArguments } from "./clip-arguments.ts";
import {
  type ClipSource,
  heldStretch,
  mediaWithin,
  type RunMedia,
  type Stretch,
  videoEnd,
  wantedStretch,
} from "./clip-window.ts";

/** ms in which what has just been captured comes out of FFmpeg. */
const ARRIVES_WITHIN = 3_000;
const LOOK_EVERY = 50;
/** ms that a clip may take; it isn't the only work of this machine. */
const MADE_WITHIN = 110_000;
/** Clips that may wait for others. */
const MAX_WAITING = 4;
/** Bytes of a GIF; services that show them take no more. */
const MAX_GIF = 8 * 1024 * 1024;
/** ms; less than a frame: a clip that begins at a keyframe. */
const SAME_FRAME = 8;

/** A stream, as far as clips need it. */
export interface ClippedStream extends ClipSource {
  /** The page's address, as it may be shown. */
  readonly url: string;
  readonly title: string;
}

/** What {@link Clips} need. */
export interface ClipsOptions {
  /** Folder in which each clip has one of its own while it is being made. */
  readonly folder: string;
  readonly ffmpegPath: () => Promise<string>;
}

/** Makes the clips of one host. */
export class Clips {
  readonly #options: ClipsOptions;
  readonly #making = new Serial();
  readonly #end = new AbortController();
  #waiting = 0;

  constructor(options: ClipsOptions) {
    this.#options = options;
  }

  /**
   * Makes a clip; `stream` gives the stream as it is then.
   * @throws FlyBrowserError `invalid_option`, `unknown_option`, `task_not_found`, `clip_unavailable`, `clip_failed`,
   * `recording_path_unusable`
   */
  async make(stream: () => ClippedStream, input: unknown): Promise<ClipResult> {
    const options = parseClipOptions(input);
    const wanted = wantedStretch(stream(), options);
    if (this.#waiting >= MAX_WAITING)
      throw new FlyBrowserError("clip_unavailable", { reason: sentence("clip.too_many") });
    this.#waiting++;
    try {
      await arrived(stream, wanted.to);
      // Taken now: the window moves on while others are being made.
      const { packager, url, title } = stream();
      const stretch = heldStretch(packager, wanted);
      const media = mediaWithin(packager, stretch);
      return await this.#making.run(() => this.#make({ url, title, stretch, media, options }, packager.started_at));
    } finally {
      this.#waiting--;
    }
  }

  /** Ends what is under way. Idempotent. */
  close(): void {
    this.#end.abort();
  }

  async #make(job: Job, started_at: number): Promise<ClipResult> {
    const { format } = job.options;
    const folder = this.#newFolder();
    const at = new Date(started_at + job.stretch.from);
    const target = reserveTarget({ format, url: job.url, at });
    const draft = draftOf(target);
    try {
      const signal = AbortSignal.any([this.#end.signal, AbortSignal.timeout(MADE_WITHIN)]);
      const path = await this.#options.ffmpegPath();
      const ffmpeg = (args: readonly string[]) => runFfmpeg({ path, args, folder, signal });
      const duration = format === "png" ? 0 : await makeFile(job, folder, draft, ffmpeg, at);
      if (format === "png") await makePicture(job, folder, draft, ffmpeg);
      const file_path = placeDraft(draft, target);
      return { file_path, format, duration_seconds: Math.round(duration) / 1000, size_bytes: statSync(file_path).size };
    } catch (cause) {
      rmSync(draft, { force: true });
      releaseTarget(target);
      if (cause instanceof FlyBrowserError && cause.code === "clip_unavailable") throw cause;
      throw new FlyBrowserError("clip_failed", { reason: wordsOf(cause) }, { cause });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }

  /** Those that a killed host has left behind are removed. */
  #newFolder(): string {
    const { folder } = this.#options;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(folder))
      if (!isProcessAlive(Number.parseInt(name, 10))) rmSync(join(folder, name), { recursive: true, force: true });
    return mkdtempSync(join(folder, `${process.pid}-`));
  }
}

interface Job {
  readonly url: string;
  readonly title: string;
  readonly stretch: Stretch;
  readonly media: readonly RunMedia[];
  readonly options: ResolvedClipOptions;
}
type Ffmpeg = (args: readonly string[]) => Promise<void>;

/** Waits until what was captured up to `to` is there; what isn't in time is left out. */
async function arrived(stream: () => ClippedStream, to: number): Promise<void> {
  const deadline = new Deadline(ARRIVES_WITHIN);
  while ((videoEnd(stream().packager) ?? 0) < to && !deadline.passed) await sleep(LOOK_EVERY);
}

/** The media as a recording has them, the first group from the clip's beginning on; gives the ms of the file. */
async function makeFile(
  { title, url, stretch, media, options }: Job,
  folder: string,
  draft: string,
  ffmpeg: Ffmpeg,
  at: Date,
): Promise<number> {
  const pieces: Piece[] = [];
  const keep = async (name: string, data: readonly Uint8Array[]) => {
    writeFileSync(join(folder, name), Buffer.concat(data));
    return scanTrack(join(folder, name));
  };
  for (const run of media) {
    const [first, ...rest] = run.groups;
    if (!first) continue;
    let audio = run.audio && (await keep(mediaFileName(pieces.length, "audio"), run.audio));
    let groups = run.groups;
    const head = await keep("head.mp4", [run.video_init, ...first.data]);
    if (head?.init.codec.startsWith("avc1") && stretch.from - first.from > SAME_FRAME) {
      const name = mediaFileName(pieces.length, "video");
      await ffmpeg(headArguments("head.mp4", stretch.from, head.init.timescale, name));
      const video = await scanTrack(join(folder, name));
      if (video) pieces.push({ video, audio });
      if (video) audio = null;
      groups = rest; // without a picture in the first one, the clip begins with the next
    }
    const name = mediaFileName(pieces.length, "video");
    const video = groups.length > 0 ? await keep(name, [run.video_init, ...groups.flatMap(({ data }) => data)]) : null;
    if (video) pieces.push({ video, audio });
  }
  const [first] = pieces;
  if (!first) throw new FlyBrowserError("clip_unavailable", { reason: sentence("clip.no_media") });
  const facts = { format: "mp4", title, url, started_at: at.toISOString(), chapters: [] } as const;
  const plan = planFinish(pieces, facts, "joined.mp4");
  for (const { name, text } of plan.files) writeFileSync(join(folder, name), text);
  for (const { args } of plan.fittings) await ffmpeg(args);
  await ffmpeg(plan.args);
  // Of VP9 and H.265, whose first group isn't encoded again, the file begins at the keyframe before.
  const duration = Math.min(stretch.to - plan.start, plan.duration);
  const cut = options.format === "mp4" ? draft : join(folder, "cut.mp4");
  await ffmpeg(cutArguments("joined.mp4", duration, cut));
  if (options.format === "gif") {
    for (const form of GIF_FORMS) {
      await ffmpeg(gifArguments(cut, form, draft));
      if (statSync(draft).size <= MAX_GIF) return duration;
    }
    throw new FlyBrowserError("clip_unavailable", { reason: sentence("clip.gif_too_large") });
  }
  return duration;
}

/** The newest picture before the end of the stretch. */
async function makePicture({ stretch, media }: Job, folder: string, draft: string, ffmpeg: Ffmpeg): Promise<void> {
  const run = media.at(-1);
  const group = run?.groups.at(-1);
  if (!run || !group) throw new FlyBrowserError("clip_unavailable", { reason: sentence("clip.no_media") });
  writeFileSync(join(folder, "picture.mp4"), Buffer.concat([run.video_init, ...group.data]));
  await ffmpeg(pictureArguments("picture.mp4", stretch, draft));
}
