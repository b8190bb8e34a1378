// Texts from outside (a server's status, titles, paths, FFmpeg's lines) as they may stand in a log, on a terminal, in a playlist.

/** Control characters, line separators, marks that reorder text, halves of surrogate pairs. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}\ufeff]/gu;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** The text with everything that would act on a terminal, or begin a line, as an escape: `\n`, `\u001b`. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) => {
    return SHORT[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

/** The text with a space in place of each run of such characters, for formats that have no escape for them. */
export function plainText(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\ufeff\ufffe\uffff]+/gu, " ");
}

/** A value of any kind in a few words, for an error: as JSON where it can be written so. */
export function valueInWords(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return typeof value === "bigint" ? `${value}n` : Object.prototype.toString.call(value); // it holds itself, or a bigint
  }
}
