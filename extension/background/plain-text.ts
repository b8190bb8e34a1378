// A site's own words, made safe to show beside ours.
// Never judges what they say.

/** Controls, and what is invisible or turns the direction of writing: it could make words of ours look like theirs. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}\u115F\u1160\u3164\uFFA0]+/gu;
/** More marks upon one letter than any writing has: they would reach into the lines around. */
const PILED = /(\p{M}{3})\p{M}+/gu;

/** One line of visible text. */
export function plainText(words: string): string {
  return words.toWellFormed().replace(/\s+/gu, " ").replace(UNSEEN, "").replace(PILED, "$1").trim();
}
