import { afterEach, expect, test, vi } from "vitest";
import { day, decimal, languageOf, speakOnPage } from "../../../protocol/languages.ts";
import { say, sentence, speak, text } from "../../../protocol/sentence.ts";
import { EN } from "../../../protocol/sentences/en.ts";

afterEach(() => speak(EN));

test.each([
  [["de-AT", "en"], "de"],
  [["fr", "de", "en"], "de"],
  [["en-GB"], "en"],
  [["fr", "tlh"], "en"],
  [[], "en"],
  [["constructor"], "en"],
])("%o is %s", async (tags, tag) => expect(await languageOf(tags)).toMatchObject({ tag, direction: "ltr" }));

test("once it is spoken, sentences inside of sentences are in it too", async () => {
  expect(text("popup.start")).toBe("Start streaming");
  speak((await languageOf(["de"])).sentences);
  expect(text("page.viewers", { count: 3 })).toBe("3 Zuschauer");
  expect(say(sentence("stream_ended", { reason: sentence("browser.page_closed") }))).toBe(
    "Die Übertragung ist beendet: seine Seite wurde geschlossen.",
  );
});

test("a pseudo-language changes every word and no place", async () => {
  const { sentences, direction } = await languageOf(["ar-XB"]);
  expect(direction).toBe("rtl");
  expect(sentences["links.until"]).toMatch(/^\u202euntil \u202c\{time\}$/);
  const long = (await languageOf(["en-XA"])).sentences;
  expect(long["popup.start"].length).toBeGreaterThan(EN["popup.start"].length * 1.3);
});

test("numbers and days are written as in the language of the page", async () => {
  vi.stubGlobal("navigator", { languages: ["fr-FR", "en-GB", "de-AT"] });
  vi.stubGlobal("location", { search: "" });
  vi.stubGlobal("document", { documentElement: {} });
  try {
    await speakOnPage(["de-AT"]);
    expect([decimal(1.25, 1), decimal(2, 2), decimal(12345, 0, true)]).toEqual(["1,3", "2,00", "12.345"]);
    expect(day("2026-01-20T12:00:00.000Z")).toBe("20. Jänner 2026");
    await speakOnPage(["fr"]);
    expect(day("2026-01-20T12:00:00.000Z")).toBe("20 January 2026");
    expect([decimal(1.25, 1), decimal(12345, 0), decimal(12345, 0, true)]).toEqual(["1.3", "12345", "12,345"]);
  } finally {
    vi.unstubAllGlobals();
  }
});
