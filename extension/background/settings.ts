// What the user chose and finds again: the quality, and whether programs find the host. In storage.local.
// Never holds anything about a stream.
import * as v from "valibot";
import browser from "webextension-polyfill";
import { QUALITIES, type Quality } from "../../protocol/profiles.ts";

const KEY = "quality";
const PROGRAMS = "programs_may_connect";
const DEFAULT: Quality = "high";

/** Gives the quality chosen last, `high` before any choice. */
export async function loadQuality(): Promise<Quality> {
  const stored: unknown = (await browser.storage.local.get(KEY))[KEY];
  const parsed = v.safeParse(v.picklist(QUALITIES), stored);
  return parsed.success ? parsed.output : DEFAULT;
}

/** Remembers the quality. */
export async function saveQuality(quality: Quality): Promise<void> {
  await browser.storage.local.set({ [KEY]: quality });
}

/** Whether the host stays for programs on this computer; `false` before any choice. */
export async function loadPrograms(): Promise<boolean> {
  return (await browser.storage.local.get(PROGRAMS))[PROGRAMS] === true;
}

/** Remembers it. */
export async function savePrograms(programs: boolean): Promise<void> {
  await browser.storage.local.set({ [PROGRAMS]: programs });
}
