// A sentence for people, kept as a code of the table and its values until somebody shows it: then it is composed in their
// language.
import * as v from "valibot";
import { EN } from "./sentences/en.ts";

/** A code of the table. */
export type SentenceCode = keyof typeof EN;
/** The whole table in one language. */
export type Language = Readonly<Record<SentenceCode, string>>;

/** A sentence as code and values; plain JSON, so it can cross processes. */
export interface Sentence {
  readonly code: SentenceCode;
  readonly values: Values;
}
/** A sentence, or words from outside (FFmpeg's, the system's, an address), which are shown as they are. */
export type Words = string | Sentence;
/** What can stand at a place of a template; a list is joined with semicolons. */
export type Value = Words | number | boolean | null | readonly Words[];
/** Values by the name of their place. */
export type Values = Readonly<Record<string, Value>>;

type Places<Template extends string> = Template extends `${string}{${infer Name}}${infer Rest}`
  ? (Name extends `${string} ${string}` ? never : Name) | Places<Rest>
  : never;
/** The values that the templates of some codes need: one that is missing or misspelled doesn't compile. */
export type ValuesOf<Code extends SentenceCode> = { readonly [Name in Places<(typeof EN)[Code]>]: Value };
/** The same as the last arguments of a function: left out where the templates have no places. */
export type ValuesArgument<Code extends SentenceCode> = keyof ValuesOf<Code> extends never
  ? [values?: Record<string, never>]
  : [values: ValuesOf<Code>];

/** A sentence of the table. */
export function sentence<Code extends SentenceCode>(code: Code, ...[values = {}]: ValuesArgument<Code>): Sentence {
  return { code, values };
}

/** Schema of the same on its way between two processes. */
export const WordsSchema: v.GenericSchema<Words> = v.lazy(() => v.union([v.string(), SentenceSchema]));
/** Schema of the values of a sentence. */
export const ValuesSchema: v.GenericSchema<Values> = v.record(
  v.string(),
  v.union([WordsSchema, v.number(), v.boolean(), v.null(), v.array(WordsSchema)]),
);
/** Schema of a sentence on its way between two processes. */
export const SentenceSchema: v.GenericSchema<Sentence> = v.object({
  code: v.picklist(Object.keys(EN) as [SentenceCode, ...SentenceCode[]]),
  values: ValuesSchema,
});

let spoken: Language = EN;

/** Has everything that is composed here from now on be in this language (protocol/languages.ts). */
export function speak(language: Language): void {
  spoken = language;
}

/** The language that is spoken here, English at first. */
export function spokenLanguage(): Language {
  return spoken;
}

/** The text of a code with its values. */
export function text<Code extends SentenceCode>(code: Code, ...values: ValuesArgument<Code>): string {
  return say(sentence(code, ...values));
}

/** Composes a sentence; words from outside stay as they are. `language`: left out, the one that is spoken here, English at first. */
export function say(words: Words, language: Language = spoken): string {
  if (typeof words === "string") return words;
  return fill(language[words.code], words.values, language);
}

/** The value as text: what stands at its place. */
export function valueText(value: Value | undefined, language: Language = spoken): string {
  if (isList(value)) return value.map((item) => withoutStop(say(item, language))).join("; ");
  return typeof value === "object" && value !== null ? say(value, language) : String(value);
}

function isList(value: Value | undefined): value is readonly Words[] {
  return Array.isArray(value);
}

/** Puts values into the places of a template. */
export function fill(template: string, values: Values, language: Language): string {
  const [first = "", ...rest] = template.split(/\{(\w+)\}/);
  let text = first;
  for (let at = 0; at < rest.length; at += 2) {
    text += valueText(values[rest[at] ?? ""], language);
    const next = rest[at + 1] ?? "";
    if (next === "") continue;
    // The template has its own stops: one that the value brings along would be doubled, or stand inside the sentence.
    const ended = next.startsWith(".") && /[.!?…]["')]*$/.test(text);
    text = ended ? text + next.slice(1) : withoutStop(text) + next;
  }
  return text;
}

/** Without the full stop at its end; the three of an ellipsis stay. */
function withoutStop(text: string): string {
  return text.replace(/(?<!\.)\.$/, "");
}
