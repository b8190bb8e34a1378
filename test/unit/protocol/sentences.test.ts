// Sentences for people: composed well whatever stands inside them, all from the one table, and each of the table in use.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as v from "valibot";
import { parseAst } from "vite";
import { describe, expect, test } from "vitest";
import {
  deserializeError,
  ERROR_STATUS,
  type ErrorCode,
  errorInWords,
  FlyBrowserError,
  inWords,
  SerializedErrorSchema,
  serializeError,
} from "../../../protocol/errors.ts";
import { fill, type Language, type SentenceCode, say, sentence, type Value } from "../../../protocol/sentence.ts";
import { DE } from "../../../protocol/sentences/de.ts";
import { EN } from "../../../protocol/sentences/en.ts";

const codes = Object.keys(EN) as SentenceCode[];
const errorCodes = Object.keys(ERROR_STATUS) as ErrorCode[];
const placesOf = (template: string) => [...template.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
const filled = (code: SentenceCode, value: Value) =>
  fill(EN[code], Object.fromEntries(placesOf(EN[code]).map((name) => [name, value])), EN);

describe("composing", () => {
  test("puts values, sentences and lists of them into their places", () => {
    const reason = sentence("ffmpeg.too_old", { place: sentence("ffmpeg.on_path"), version: "4.3" });
    expect(say(sentence("ffmpeg.refused", { place: "ffmpeg-static", reason }))).toBe(
      "ffmpeg-static: ffmpeg on the PATH: version 4.3 is too old",
    );
    const reasons = [reason, sentence("encoder.none"), "No such device."];
    expect(say(sentence("encoder.none_works", { codec: "VP9", reasons }))).toBe(
      "no VP9 encoder of this FFmpeg works (ffmpeg on the PATH: version 4.3 is too old; it has none; No such device)",
    );
  });

  test("leaves words from outside as they are", () => {
    expect(say("No such {thing}...")).toBe("No such {thing}...");
    expect(filled("stream_ended", "{reason}")).toBe("The stream ended: {reason}.");
  });

  test.each([
    ["Access is denied.", "The stream ended: Access is denied."],
    ["Access is denied", "The stream ended: Access is denied."],
    ["cut off...", "The stream ended: cut off..."],
    ["cut off…", "The stream ended: cut off…"],
    ["really?", "The stream ended: really?"],
    ['it says "no."', 'The stream ended: it says "no."'],
  ])("ends a sentence once: %s", (reason, text) => expect(filled("stream_ended", reason)).toBe(text));

  test("never doubles a full stop, whatever stands in what", () => {
    const values = [...codes.map((code) => filled(code, "x.")), "x.", "x...", "x…", "x?", ["x.", "y."]];
    const wrong = codes.flatMap((code) =>
      values
        .map((value) => filled(code, value))
        .filter((text) => /(?<!\.)\.\.(?!\.)|\.{4}|[…?!]\.|(?<!\.)\.[,;:)]/.test(text)),
    );
    expect(wrong).toEqual([]);
  });

  test("in another language it is the whole that is translated, what is inside it too", () => {
    const german = {
      ...EN,
      stream_ended: "Der Stream ist zu Ende: {reason}.",
      "browser.page_closed": "der Tab wurde geschlossen",
      "stream_ended.fix": "Bitte neu starten.",
    } as const satisfies Language;
    const error = new FlyBrowserError("stream_ended", { reason: sentence("browser.page_closed") });
    expect(error.message).toBe("The stream ended: its page was closed.");
    expect(errorInWords(error, german)).toEqual({
      code: "stream_ended",
      message: "Der Stream ist zu Ende: der Tab wurde geschlossen.",
      fix: "Bitte neu starten.",
      details: { reason: "der Tab wurde geschlossen" },
    });
  });
});

test("outside of our processes there are only words", () => {
  const error = new FlyBrowserError("disk_full", { folder: "/v", free: 1, needed: 20 });
  const reason = sentence("health.recovering", { reason: error.sentence });
  const tasks = [{ name: "code", detail: null, values: [1, "a"] }];
  const result = { health_reasons: [reason, "as it is"], recording: { error: serializeError(error) }, tasks, n: null };
  expect(inWords(result)).toEqual({
    health_reasons: [`recovering: ${error.message}`, "as it is"],
    recording: { error: { ...serializeError(error), details: { folder: "/v", free: 1, needed: 20 } } },
    tasks,
    n: null,
  });
});

describe("errors", () => {
  test("cross processes with the sentences inside them", () => {
    const inner = new FlyBrowserError("ffmpeg_failed", { reason: sentence("ffmpeg.killed", { signal: "SIGKILL" }) });
    const error = new FlyBrowserError("stream_ended", { reason: inner.sentence });
    const crossed = deserializeError(v.parse(SerializedErrorSchema, JSON.parse(JSON.stringify(serializeError(error)))));
    expect(crossed).toEqual(error);
    expect(crossed.message).toBe("The stream ended: FFmpeg failed: it was killed by SIGKILL.");
  });

  test("that ask for what nobody could give don't cross", () => {
    const details = { reason: { code: "no.such", values: {} } };
    const error = { code: "stream_ended", message: "", fix: "", details };
    expect(v.is(SerializedErrorSchema, error)).toBe(false);
  });

  test.each(errorCodes)("%s says what happened, what to do, and has a status of HTTP errors", (code) => {
    expect(EN[code]).toMatch(/^[A-Z{].*[a-z.}]$/);
    expect(EN[`${code}.fix`]).toMatch(/^[A-Z`{].*[.}]$/);
    expect(ERROR_STATUS[code]).toBeGreaterThanOrEqual(400);
    expect(ERROR_STATUS[code]).toBeLessThan(600);
  });

  test("lack nothing: what a template needs is asked for when it is compiled", () => {
    // @ts-expect-error seconds is missing
    new FlyBrowserError("no_media");
    // @ts-expect-error it is called seconds
    new FlyBrowserError("no_media", { second: 3 });
    // @ts-expect-error the fix needs seconds too
    new FlyBrowserError("rate_limited", { limit: 3 });
    // @ts-expect-error it takes nothing
    new FlyBrowserError("no_active_stream", { reason: "none" });
    // @ts-expect-error there is no such sentence
    expect(() => say(sentence("capture.nonsense"))).toThrow();
    expect(new FlyBrowserError("rate_limited", { limit: "5 a minute", seconds: 12 })).toMatchObject({
      message: "Too many calls: at most 5 a minute.",
      fix: "Wait 12 s, then call again.",
      status: 429,
    });
  });
});

interface Node {
  readonly type: string;
  readonly start: number;
  readonly end: number;
}

/** Names of fields and variables that hold a sentence or a part of one. */
const HOLDERS = new Set(["reason", "reasons", "why", "what", "instead", "trouble", "allowed", "limit", "step"]);
/** Functions that are told why something ends or is refused. */
const CALLED = /^(?:sentence|malformed|invalid|refuse|lost|[\w.#]*[.#](?:kill|ended|lost|closed|request|onEnded))\(/;
/** Two words in a row. Words of the field (`moof without tfhd`) stand in values too, so only what is said to people counts. */
const ENGLISH = /[A-Za-z']{2,} [a-z']{2,}/;

/** The English of one file that should stand in the table: inside errors, sentences, and what holds them. */
function untabled(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown, held: boolean): void => {
    if (Array.isArray(node)) {
      for (const item of node) visit(item, held);
    } else if (isNode(node)) {
      const source = text.slice(node.start, node.end);
      const literal = node.type === "TemplateLiteral" || (node.type === "Literal" && /^["']/.test(source));
      if (held && literal && ENGLISH.test(source)) found.push(`${file}: ${source}`);
      for (const [name, child] of Object.entries(node)) visit(child, holds(node, source, held) && name !== "callee");
    }
  };
  visit(parseAst(text, { lang: file.endsWith("x") ? "tsx" : "ts" }).body, false);
  return found;
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "type" in value;
}

function holds(node: Node, source: string, held: boolean): boolean {
  if (node.type === "NewExpression" && source.startsWith("new FlyBrowserError(")) return true;
  if (node.type === "CallExpression") return CALLED.test(source);
  if (node.type !== "Property" && node.type !== "VariableDeclarator") return held && !node.type.includes("Function");
  return held || HOLDERS.has(/^\w+/.exec(source)?.[0] ?? "");
}

/** Attributes that people read or hear. */
const READ = new Set(["title", "aria-label", "placeholder", "alt", "label"]);
/** Names that are the same in every language. */
const NAMES = new Set(["https://example.com"]);

/** The words of a page's elements and attributes that should stand in the table. */
function wordsOfPage(file: string, text: string): string[] {
  const found: string[] = [];
  const visit = (node: unknown): void => {
    if (Array.isArray(node)) for (const item of node) visit(item);
    if (!isNode(node)) return;
    const source = text.slice(node.start, node.end);
    const attribute = node.type === "JSXAttribute" ? /^([\w-]+)="([^"]*)"$/s.exec(source) : null;
    const words =
      node.type === "JSXText" ? source.trim() : attribute && READ.has(attribute[1] ?? "") ? attribute[2] : "";
    if (words && /\p{L}{2}/u.test(words) && !NAMES.has(words)) found.push(`${file}: ${words}`);
    for (const child of Object.values(node)) visit(child);
  };
  visit(parseAst(text, { lang: "tsx" }).body);
  return found;
}

/** Where English stands in the code: engines of the player talk to the console, the doctor's report is one page of text. */
const OWN_WORDS = ["player/engines/", "cli/doctor", "extension/page/page-api.ts"]; // the last one can't import anything

describe("the table", () => {
  const files = ["protocol", "native-host", "extension", "player", "sdk", "cli"].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => /(?<!\.d)\.tsx?$/.test(name) && !name.includes("sentences"))
      .map((name) => join(folder, name)),
  );
  const texts = new Map(files.map((file) => [file, readFileSync(file, "utf8")]));

  test("holds every sentence: none is written where it is thrown", () => {
    const others = [...texts].filter(([file]) => !OWN_WORDS.some((start) => file.startsWith(start)));
    expect(others.flatMap(([file, text]) => untabled(file, text))).toEqual([]);
  });

  test("holds no sentence that nobody says", () => {
    const all = [...texts].map(([file, text]) => (file === "protocol/errors.ts" ? "" : text)).join("\n");
    const chrome = readFileSync("manifest.json", "utf8");
    const said = (code: string) => all.includes(`"${code}"`) || chrome.includes(`__MSG_${code.replace(".", "_")}__`);
    expect(codes.filter((code) => !code.endsWith(".fix") && !said(code))).toEqual([]);
  });

  test("holds the texts of pages too: no element and no attribute has words of its own", () => {
    const pages = [...texts].filter(([file]) => file.endsWith(".tsx"));
    expect(pages.length).toBeGreaterThan(20);
    expect(pages.flatMap(([file, text]) => wordsOfPage(file, text))).toEqual([]);
  });

  test("has the same places in each language", () => {
    const wrong = codes.filter((code) => placesOf(DE[code]).sort().join() !== placesOf(EN[code]).sort().join());
    expect(wrong).toEqual([]);
    expect(Object.keys(DE).sort()).toEqual([...codes].sort());
  });

  test("has places with whole names", () => {
    for (const name of codes.flatMap((code) => placesOf(EN[code]))) expect(name).toMatch(/^[a-z]{2,}(_[a-z]+)*$/);
  });
});
