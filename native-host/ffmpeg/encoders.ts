// Which encoders of one FFmpeg can be trusted: tries candidates in their order, keeps the verdicts per binary, gives
// the next one when one dies.
import * as v from "valibot";
import { CODECS } from "../../protocol/options.ts";
import { sentence, type Words, WordsSchema } from "../../protocol/sentence.ts";
import { BinaryStore, binaryKey, type Capabilities, capabilitiesOf, hasFpsMode } from "./capabilities.ts";
import { candidatesFor, encoderNamed } from "./encoder-table.ts";
import type { Codec, EncoderDefinition } from "./encoder-target.ts";
import { type TrialResult, tryEncoder } from "./encoder-trial.ts";

/** Schema of what is known of one encoder. */
export const EncoderVerdictSchema = v.object({
  encoder: v.string(),
  codec: v.picklist(CODECS),
  kind: v.picklist(["hardware", "software"]),
  works: v.boolean(),
  /** What it made, or why it failed. */
  reason: WordsSchema,
});
/** What is known of one encoder. */
export type EncoderVerdict = v.InferOutput<typeof EncoderVerdictSchema>;

/** Kept verdicts: those of other arguments or another wish would lie. Raise `schema` when the arguments change. */
const KeptSchema = v.object({ schema: v.literal(1), verdicts: v.array(EncoderVerdictSchema) });

/** What {@link Encoders} needs. */
export interface EncodersOptions {
  readonly ffmpeg_path: string;
  /** Folder of the host's state. */
  readonly state_dir: string;
  /** Name of an encoder, `software` or `hardware`: FLYBROWSER_ENCODER. */
  readonly forced?: string | undefined;
  readonly platform?: NodeJS.Platform;
}

/** The encoders of one FFmpeg. */
export class Encoders {
  readonly #options: EncodersOptions;
  readonly #store: BinaryStore;
  readonly #verdicts = new Map<string, EncoderVerdict>();
  readonly #died = new Map<string, Words>();
  /** Encoders that failed for a reason that may pass: tried again when one is next chosen, and not kept on the disk. */
  readonly #mayPass = new Set<string>();
  #recalled: Promise<void> | null = null;
  /** One trial at a time: two would starve each other into their time limits. */
  #trials: Promise<unknown> = Promise.resolve();

  constructor(options: EncodersOptions) {
    this.#options = options;
    this.#store = new BinaryStore(options.state_dir);
  }

  /** What this FFmpeg has. @throws FlyBrowserError `ffmpeg_failed` */
  capabilities(): Promise<Capabilities> {
    return capabilitiesOf(this.#options.ffmpeg_path, this.#store);
  }

  /**
   * The first encoder of a codec that works, trying no more than needed; `null`: none does, and {@link known} says why.
   * @throws FlyBrowserError `ffmpeg_failed` when FFmpeg itself does not answer
   */
  async choose(codec: Codec): Promise<EncoderDefinition | null> {
    for (const candidate of this.#candidates(codec)) {
      if ((await this.verdict(candidate)).works) return candidate;
    }
    return null;
  }

  /**
   * The first software encoder of a codec that this FFmpeg has, untried; `null`: none.
   * @throws FlyBrowserError `ffmpeg_failed` when FFmpeg itself does not answer
   */
  async software(codec: Codec): Promise<EncoderDefinition | null> {
    const { encoders } = await this.capabilities();
    const usable = ({ kind, name }: EncoderDefinition) => kind === "software" && encoders.includes(name);
    return this.#candidates(codec).find(usable) ?? null;
  }

  /**
   * The encoder to go on with after one died while live; it is not chosen again by this host. `null`: none is left.
   * @throws FlyBrowserError `ffmpeg_failed` when FFmpeg itself does not answer
   */
  async next(after: string, reason: Words): Promise<EncoderDefinition | null> {
    const dead = encoderNamed(after);
    if (!dead) return null;
    this.#died.set(after, reason);
    return this.choose(dead.codec);
  }

  /** What is known of one encoder, tried if it is not yet. */
  async verdict(candidate: EncoderDefinition): Promise<EncoderVerdict> {
    this.#recalled ??= this.#recall();
    await this.#recalled;
    const turn = this.#trials.then(() => this.#judge(candidate));
    this.#trials = turn.catch(() => {});
    return turn;
  }

  /** Every candidate of every codec, tried: for `flybrowser doctor`. `refresh`: tries again what is known. */
  async all(refresh = false): Promise<EncoderVerdict[]> {
    if (refresh) {
      this.#recalled = Promise.resolve();
      this.#verdicts.clear();
      this.#died.clear();
      this.#mayPass.clear();
    }
    const found: EncoderVerdict[] = [];
    for (const codec of CODECS)
      for (const candidate of this.#candidates(codec)) found.push(await this.verdict(candidate));
    return found;
  }

  /** The verdicts that are there, without trying anything, best encoder first. */
  known(codec: Codec): EncoderVerdict[] {
    return this.#candidates(codec).flatMap(({ name }) => {
      const verdict = this.#verdicts.get(name);
      return verdict ? [this.#afterDeath(verdict)] : [];
    });
  }

  #candidates(codec: Codec): EncoderDefinition[] {
    const { platform = process.platform, forced } = this.#options;
    return candidatesFor(codec, platform, forced === "" ? undefined : forced);
  }

  #afterDeath(verdict: EncoderVerdict): EncoderVerdict {
    const died = this.#died.get(verdict.encoder);
    return died === undefined
      ? verdict
      : { ...verdict, works: false, reason: sentence("encoder.died", { reason: died }) };
  }

  async #judge(candidate: EncoderDefinition): Promise<EncoderVerdict> {
    const known = this.#verdicts.get(candidate.name);
    if (known && !this.#mayPass.has(candidate.name)) return this.#afterDeath(known);
    const has = await this.capabilities();
    const listed = has.encoders.includes(candidate.name);
    const trial = () => tryEncoder(this.#options.ffmpeg_path, candidate, hasFpsMode(has.version));
    let result: TrialResult = listed ? await trial() : { works: false, reason: sentence("encoder.missing") };
    if (result.may_pass && !known) result = await trial();
    const { works, reason, may_pass } = result;
    const verdict = { encoder: candidate.name, codec: candidate.codec, kind: candidate.kind, works, reason };
    this.#verdicts.set(candidate.name, verdict);
    if (may_pass) this.#mayPass.add(candidate.name);
    else this.#mayPass.delete(candidate.name);
    await this.#keep();
    return this.#afterDeath(verdict);
  }

  async #recall(): Promise<void> {
    const key = await binaryKey(this.#options.ffmpeg_path).catch(() => null);
    if (key === null) return;
    const kept = v.safeParse(KeptSchema, (await this.#store.read(key)).encoders);
    if (!kept.success) return;
    for (const verdict of kept.output.verdicts) this.#verdicts.set(verdict.encoder, verdict);
  }

  async #keep(): Promise<void> {
    const key = await binaryKey(this.#options.ffmpeg_path).catch(() => null);
    const verdicts = [...this.#verdicts.values()].filter(({ encoder }) => !this.#mayPass.has(encoder));
    if (key !== null) await this.#store.put(key, "encoders", { schema: 1, verdicts });
  }
}

/** The encoders, as far as a stream needs them. */
export type EncoderChoice = Pick<Encoders, "choose" | "next" | "known">;
