// The ladder of one publication: which rungs its source has, which of them somebody reads and are therefore made, and when this
// computer is too short of CPU for any. It stands between the stream and the packager, so that no run ends before its rungs have.
import { LATE, Serial, timeout } from "../../protocol/async.ts";
import { FlyBrowserError, toFlyBrowserError } from "../../protocol/errors.ts";
import type { ResolvedStartStreamOptions } from "../../protocol/options.ts";
import { PROFILES, type Profile } from "../../protocol/profiles.ts";
import { paceOf } from "../../protocol/quality-change.ts";
import { type Sentence, sentence, type Words } from "../../protocol/sentence.ts";
import type { Codec, EncoderDefinition } from "../ffmpeg/encoder-target.ts";
import { rungArguments } from "../ffmpeg/rung-arguments.ts";
import { partLogger } from "../logging.ts";
import type { InitSegment } from "../media/init-segment.ts";
import type { Rendition } from "../media/rendition.ts";
import { type MediaRun, type MediaSink, sourceInit } from "../media/sink.ts";
import type { MediaUnit } from "../media/unit.ts";
import type { Packager } from "../packager/packager.ts";
import { Rung } from "./rung.ts";
import { encodeOnce } from "./rung-encoder.ts";
import { rungsOf } from "./rung-plan.ts";

/** ms without a reader that end a rung. */
const UNREAD_FOR = 10_000;
/** s by which a rung may be behind its source: more, and this computer is too slow for it. */
const MAX_BEHIND = 3;
/** ms for which no rung is made once one was refused. */
const REFUSED_FOR = 15_000;
/** ms between two looks at readers and encoders, while there are any. */
const LOOK = 500;
/** ms that the end of a run waits for the last frames of its rungs. */
const TAIL_WITHIN = 2_000;
/** ms that a first viewer waits to be told which rungs there are: on an idle machine it is known before. */
const KNOWN_WITHIN = 4_000;
/** Segments of the past that may wait to be made. */
const MAX_WAITING = 32;
/** Share of the source's frames that a segment of the past must have got. */
const LEAST_FRAMES = 0.9;

const log = partLogger("ladder");

/** What a {@link Ladder} needs. */
export interface LadderOptions {
  readonly packager: Packager;
  /** Of the stream. */
  readonly options: ResolvedStartStreamOptions;
  readonly ffmpeg_path: string;
  /** This FFmpeg knows `-fps_mode`. */
  readonly fps_mode: boolean;
  readonly cores: number;
  /** The encoder for rungs of a codec; `null`: none works. */
  readonly encoder: (codec: Codec) => Promise<EncoderDefinition | null>;
}

/** The ladder of one publication. */
export class Ladder implements MediaSink {
  readonly name = "packager";
  readonly #options: LadderOptions;
  #stream: ResolvedStartStreamOptions;
  readonly #packager: Packager;
  /** By codec, as far as it is known. */
  readonly #encoders = new Map<string, EncoderDefinition | null>();
  /** Init segments, by what they depend on. */
  readonly #inits = new Map<string, InitSegment>();
  readonly #rungs = new Map<string, Rung>();
  /** When each was last read, by `performance.now()`. */
  readonly #readAt = new Map<string, number>();
  readonly #past = new Serial();
  readonly #waiting = new Map<string, Promise<void>>();
  #source: InitSegment | null = null;
  #probed: InitSegment | null = null;
  #known: { readonly done: Promise<void>; readonly tell: () => void };
  #refused: { readonly until: number; readonly reason: Words } | null = null;
  #closing: Promise<void> | null = null;
  #timer: NodeJS.Timeout | null = null;
  #ended = false;
  /** Whether the source is short of CPU now. */
  strained: () => boolean = () => false;

  constructor(options: LadderOptions) {
    this.#options = options;
    this.#stream = options.options;
    this.#packager = options.packager;
    let tell = () => {};
    const done = new Promise<void>((resolve) => {
      tell = resolve;
    });
    this.#known = { done, tell };
  }

  /** Ids of the FFmpegs that make rungs now. */
  get ffmpeg_pids(): readonly number[] {
    return [...this.#rungs.values()].flatMap(({ pid }) => pid ?? []);
  }

  /** Why no rung is made at the moment though somebody has asked; `null`: none was refused. */
  get refusal(): Words | null {
    return this.#refused && performance.now() < this.#refused.until ? this.#refused.reason : null;
  }

  /** Runs that come are of these options. */
  become(options: ResolvedStartStreamOptions): void {
    this.#stream = options;
  }

  get #profile(): Profile {
    return PROFILES[this.#stream.quality];
  }

  get #frameRate(): number {
    return this.#stream.frame_rate ?? this.#profile.frame_rate;
  }

  /** Resolves when it is known which rungs there are, or after 4 s. */
  async known(): Promise<void> {
    await timeout(this.#known.done, KNOWN_WITHIN);
  }

  /** Resolves when the run that was closed last is complete in the packager. */
  async settled(): Promise<void> {
    await this.#closing;
  }

  /** Somebody reads a rendition: a rung is made from now on. `false`: not now, this computer is too busy. */
  read(rendition_id: string): boolean {
    const packager = this.#packager;
    if (!packager.rungs.some(({ rendition }) => rendition.id === rendition_id)) return true;
    if (this.#rungs.has(rendition_id) || this.#ended) {
      this.#readAt.set(rendition_id, performance.now());
      return packager.join(rendition_id) !== null;
    }
    if (this.refusal) return false;
    if (this.strained()) {
      this.#refuse(sentence("ladder.source_behind"));
      return false;
    }
    this.#begin(rendition_id);
    return true;
  }

  /** Makes a segment of a rung that nobody read at the time. Resolves when it is there, or can't be had. */
  make(rendition_id: string, msn: number): Promise<void> {
    const key = `${rendition_id} ${msn}`;
    const known = this.#waiting.get(key);
    if (known) return known;
    if (this.#waiting.size >= MAX_WAITING) return Promise.resolve();
    const making = this.#past
      .run(() => this.#makePast(rendition_id, msn))
      .catch((thrown: unknown) => {
        log.warning("segment {msn} of {rendition_id} was not made: {error}", { msn, rendition_id, error: thrown });
      })
      .finally(() => this.#waiting.delete(key));
    this.#waiting.set(key, making);
    return making;
  }

  openRun(run: MediaRun): void {
    this.#packager.openRun(run);
    this.#source = sourceInit(run, "video") ?? null;
    if (!this.#source) return;
    for (const rung of this.#rungs.values()) rung.follow(this.#source, null);
  }

  write(unit: MediaUnit): void {
    const { main } = this.#packager;
    const before = main?.placed;
    this.#packager.write(unit);
    // At the times that the packager has given it: a rung's segments and parts are then as long as the source's.
    const placed = main?.placed;
    if (placed?.kind !== "video" || placed === before || placed.run !== this.#source?.run) return;
    if (this.#probed?.run !== placed.run && placed.keyframe) void this.#probe(this.#source, placed);
    for (const rung of this.#rungs.values()) rung.write(placed);
  }

  closeRun(): Promise<void> | void {
    this.#source = null;
    const rungs = [...this.#rungs.values()].filter(({ pid }) => pid !== undefined);
    if (rungs.length === 0) {
      this.#packager.closeRun();
      return;
    }
    const tails = Promise.all(rungs.map((rung) => rung.finishRun()));
    this.#closing = timeout(tails, TAIL_WITHIN).then((done) => {
      if (done === LATE) log.warning("a rung's end was left out: it took more than {ms} ms", { ms: TAIL_WITHIN });
      this.#packager.closeRun();
    });
    return this.#closing;
  }

  end(): void {
    this.close();
    this.#packager.end();
  }

  /** Ends all encoders; the past can still be made for those who watch the rest. Idempotent. */
  close(): void {
    this.#ended = true;
    this.#source = null;
    this.#known.tell();
    for (const rung of this.#rungs.values()) rung.close();
    this.#rungs.clear();
    this.#stopLooking();
  }

  /** Finds out what a source's rungs are like: each encodes one keyframe. */
  async #probe(source: InitSegment, { bytes }: MediaUnit): Promise<void> {
    this.#probed = source;
    try {
      const { codec } = source.rendition;
      if (codec === "aac" || codec === "opus") return;
      if (!this.#encoders.has(codec)) this.#encoders.set(codec, await this.#options.encoder(codec));
      const probes = rungsOf(source, this.#profile, paceOf(this.#stream)).map(async (rendition) => {
        const args = this.#argumentsFor(rendition);
        return args && { ...(await this.#initOf(source, rendition, args, bytes)), rendition, run: source.run };
      });
      const offered = (await Promise.all(probes)).filter((init) => init !== null);
      if (!this.#ended && offered.length > 0) this.#packager.offer(source.run, offered);
    } catch (thrown) {
      log.warning("no rungs of run {run}: {error}", { run: source.run, error: toFlyBrowserError(thrown) });
    } finally {
      this.#known.tell();
    }
  }

  async #initOf(source: InitSegment, rendition: Rendition, args: readonly string[], keyframe: Uint8Array) {
    const key = args.join(" ");
    const known = this.#inits.get(key);
    if (known) return known;
    const options = { path: this.#options.ffmpeg_path, args, rendition, run: source.run };
    const { init } = await encodeOnce(options, [source.data, keyframe]);
    this.#inits.set(key, init);
    return init;
  }

  #argumentsFor({ codec, width, height, bitrate }: Rendition): string[] | null {
    const encoder = this.#encoders.get(codec);
    if (!encoder || width === null || height === null || bitrate === null) return null;
    const { cores, fps_mode } = this.#options;
    const { keyframe_interval } = paceOf(this.#stream);
    const frame_rate = this.#frameRate;
    return rungArguments({ encoder, width, height, bitrate, frame_rate, keyframe_interval, cores }, fps_mode);
  }

  #begin(rendition_id: string): void {
    const packager = this.#packager;
    if (!packager.join(rendition_id)) return;
    const rung = new Rung({
      ...{ id: rendition_id, ffmpeg_path: this.#options.ffmpeg_path },
      make: (source) => {
        const rendition = rungsOf(source, this.#profile, paceOf(this.#stream)).find(({ id }) => id === rendition_id);
        const args = rendition && this.#argumentsFor(rendition);
        return rendition && args ? { rendition, args } : null;
      },
      onUnit: (unit) => this.#made(unit),
      onFailed: (error) => this.#refuse(error.sentence),
    });
    this.#rungs.set(rendition_id, rung);
    this.#readAt.set(rendition_id, performance.now());
    const open = packager.main?.last;
    const source = this.#source;
    if (source) {
      const begun = open && !open.complete && open.independent && open.run === source.run;
      rung.follow(source, begun ? open : null);
    }
    this.#timer ??= setInterval(() => this.#look(), LOOK);
    log.info("{rendition_id} is made: somebody reads it", { rendition_id });
  }

  /** What throws here would end the stream: a rung may not. */
  #made(unit: MediaUnit): void {
    // An encoder doesn't know how long the last frame of a run is.
    const end = this.#source ? Number.POSITIVE_INFINITY : (this.#packager.main?.last?.end ?? unit.end);
    try {
      this.#packager.write(unit.dts < end && end < unit.end ? unit.retimed(unit.dts, end - unit.dts) : unit);
    } catch (thrown) {
      this.#refuse(toFlyBrowserError(thrown).sentence);
    }
  }

  async #makePast(rendition_id: string, msn: number): Promise<void> {
    const packager = this.#packager;
    const source = packager.main?.segment(msn);
    const wanted = packager.find(rendition_id)?.segment(msn);
    const init = source && packager.main?.initOf(source.run);
    const rung = source && packager.rungsOf(source.run).find(({ rendition }) => rendition.id === rendition_id);
    const args = rung && this.#argumentsFor(rung.rendition);
    if (!wanted?.deferred || !init || !rung || !args || !source.independent) return;
    const options = { path: this.#options.ffmpeg_path, args, rendition: rung.rendition, run: source.run };
    const { units } = await encodeOnce(options, [init.data, ...source.data]);
    const frames = units.reduce((sum, unit) => sum + unit.frames, 0);
    if (frames >= source.frames * LEAST_FRAMES) packager.fill(rendition_id, msn, units);
    else throw new FlyBrowserError("ffmpeg_failed", { reason: sentence("stream.no_output") });
  }

  #look(): void {
    const now = performance.now();
    for (const rung of this.#rungs.values()) {
      if (rung.behind > MAX_BEHIND * this.#frameRate) this.#refuse(sentence("ladder.too_slow"));
      else if (this.strained()) this.#refuse(sentence("ladder.source_behind"));
      else if (now - (this.#readAt.get(rung.id) ?? 0) > UNREAD_FOR) this.#finish(rung, "nobody reads it any more");
    }
  }

  /** No rung for a while: the source goes first. */
  #refuse(reason: Words | Sentence): void {
    this.#refused = { until: performance.now() + REFUSED_FOR, reason };
    log.warning("no rungs for {seconds} s: {reason}", { seconds: REFUSED_FOR / 1000, reason });
    for (const rung of [...this.#rungs.values()]) this.#finish(rung, "refused");
  }

  #finish(rung: Rung, reason: string): void {
    log.info("{id} is no longer made: {reason}", { id: rung.id, reason });
    rung.close();
    this.#rungs.delete(rung.id);
    this.#readAt.delete(rung.id);
    this.#packager.leave(rung.id);
    if (this.#rungs.size === 0) this.#stopLooking();
  }

  #stopLooking(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}
