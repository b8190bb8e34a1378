// Which encoders there are for a codec, in the order in which they are wanted.
import { HARDWARE_ENCODERS } from "./encoder-hardware.ts";
import { SOFTWARE_ENCODERS } from "./encoder-software.ts";
import type { Codec, EncoderDefinition } from "./encoder-target.ts";

/** Every encoder, hardware first. */
export const ENCODERS: readonly EncoderDefinition[] = [...HARDWARE_ENCODERS, ...SOFTWARE_ENCODERS];

/** The encoder of that name; `undefined`: the table has none. */
export function encoderNamed(name: string): EncoderDefinition | undefined {
  return ENCODERS.find((encoder) => encoder.name === name);
}

/**
 * Candidates for a codec on a platform. `forced` is the name of an encoder, `software` or `hardware`; a name counts
 * for its own codec only.
 */
export function candidatesFor(codec: Codec, platform: NodeJS.Platform, forced?: string): EncoderDefinition[] {
  const fitting = ENCODERS.filter(
    (encoder) => encoder.codec === codec && (encoder.platforms?.includes(platform) ?? true),
  );
  if (forced === "software" || forced === "hardware") return fitting.filter((encoder) => encoder.kind === forced);
  if (forced === undefined || encoderNamed(forced)?.codec !== codec) return fitting;
  return fitting.filter((encoder) => encoder.name === forced);
}
