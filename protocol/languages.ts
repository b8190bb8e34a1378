// The language of a page: which of ours its reader gets, by the tags that the browser gives.
import { type Language, type SentenceCode, speak } from "./sentence.ts";
import { EN } from "./sentences/en.ts";

/** A language that a page can be in. */
export interface PageLanguage {
  /** As `<html lang>` has it. */
  readonly tag: string;
  readonly direction: "ltr" | "rtl";
  readonly sentences: Language;
}

const LANGUAGES: Readonly<Record<string, () => Promise<Language>>> = {
  en: async () => EN,
  de: async () => (await import("./sentences/de.ts")).DE,
  // Pseudo-languages, under the names that CLDR has for them: they show what overflows or isn't in the table.
  "en-xa": async () => pseudo((letters) => `[${letters}${dots(Math.ceil(letters.length * 0.4))}]`),
  "ar-xb": async () => pseudo((letters) => `\u202e${letters}\u202c`),
};

/** The first language of `tags` that we have (RFC 4647, 3.4: lookup); English where there is none. */
export async function languageOf(tags: readonly string[]): Promise<PageLanguage> {
  const names = tags.map((tag) => tag.toLowerCase()).flatMap((tag) => [tag, tag.split("-")[0] ?? ""]);
  const name = names.find((each) => Object.hasOwn(LANGUAGES, each)) ?? "en";
  const sentences = (await LANGUAGES[name]?.()) ?? EN;
  return { tag: name, direction: name === "ar-xb" ? "rtl" : "ltr", sentences };
}

/** Whose numbers this page writes, as BCP 47 names it. */
let locale = "en";

/** A number with a fixed count of decimals, in the language of the page. `grouped`: with separators of thousands. */
export function decimal(value: number, decimals: number, grouped = false): string {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return value.toLocaleString(locale, { ...digits, useGrouping: grouped });
}

/** A day, as `20 November 2026`: in the language of the page, and as it is written in the reader's country where that speaks it. */
export function day(time: string): string {
  const own = navigator.languages.filter((tag) => tag.startsWith(locale));
  return new Date(time).toLocaleDateString([...own, locale], { day: "numeric", month: "long", year: "numeric" });
}

/** Has this page be in the first of these languages that we have. `?lang=` in its address goes before them. */
export async function speakOnPage(tags: readonly string[]): Promise<void> {
  const asked = new URLSearchParams(location.search).get("lang");
  const { tag, direction, sentences } = await languageOf(asked === null ? tags : [asked, ...tags]);
  speak(sentences);
  locale = tag === "de" ? "de" : "en"; // the pseudo-languages are English with its words changed
  document.documentElement.lang = tag;
  document.documentElement.dir = direction;
}

/** As many dots, in words of up to ten: a line can be broken between them. */
function dots(count: number): string {
  return "·".repeat(count).replace(/·{10}(?=·)/g, "$& ");
}

/** English with its words changed, and its places as they are. */
function pseudo(change: (words: string) => string): Language {
  const entries = Object.entries(EN).map(([code, template]) => [
    code,
    template.replace(/(\{\w+\})|([^{}]+)/g, (_, place?: string, words?: string) => place ?? change(words ?? "")),
  ]);
  return Object.fromEntries(entries) as Record<SentenceCode, string>;
}
