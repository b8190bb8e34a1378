// One stream, and some clients that watch it at the same time: through another size of the tab, the death of its FFmpeg, and the end.
import { sleep } from "../../protocol/async.ts";
import { FlyBrowser } from "../../sdk/index.ts";
import { ffmpegsOf } from "../../test/e2e/harness/chain.ts";
import { servePages } from "../../test/e2e/harness/pages.ts";
import { percentile } from "../statistics.ts";
import type { Addresses, Client, Watcher } from "./client.ts";

/** s; bounds of the waits. */
const FIRST_PICTURE = 40;
const GOES_ON = 30;
const END = 45;
/** s of media painted after a moment that have to be seen before a client counts as past it. */
const PAST = 3;
/** A level above this is sound: the pattern's faint tone is at 0.014, its beep at 0.35. */
const SOUND = 0.003;

/** What a client did. A figure in s; `null`: it didn't. */
export interface Row {
  readonly name: string;
  readonly way: string;
  readonly version: string;
  /** YYYY-MM-DD */
  readonly day: string;
  /** From the start of a program, or from when a browser's page was sent to the address, until the first picture. */
  readonly plays: number | null;
  /** The protocol that our player took instead of the one it was asked for; `null`: none. */
  readonly instead: string | null;
  readonly sound: boolean;
  readonly behind: number | null;
  /** Longest time without a new picture. */
  readonly resize: number | null;
  readonly death: number | null;
  /** Sound was heard after both. */
  readonly sound_after: boolean;
  /** From `stopStream()` until it had ended by itself. */
  readonly end: number | null;
}

interface Trial {
  readonly client: Client;
  readonly version: string;
  readonly watcher: Watcher;
  row: Partial<Row>;
}

/** Watches with all `clients` at once. @throws Error when the stream doesn't start */
export async function runTrial(
  clients: readonly { client: Client; version: string }[],
  progress: (line: string) => void,
): Promise<Row[]> {
  const pages = await servePages();
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  const trials: Trial[] = [];
  const each = (work: (trial: Trial) => Promise<Partial<Row>>) =>
    Promise.all(trials.map(async (trial) => Object.assign(trial.row, await work(trial))));
  try {
    await browser.goto(pages.url("pattern.html"));
    const { hls_url, dash_url, player_url } = await browser.startStream({ quality: "medium" });
    if (!hls_url || !dash_url) throw new Error("the stream has no address");
    const addresses: Addresses = { hls_url, dash_url, player_url };
    await Promise.all(
      clients.map(async ({ client, version }) => {
        const watcher = await client.watch(addresses).catch((error: Error) => {
          progress(`${client.name} ${client.way}: ${error.message}`);
          return null;
        });
        if (!watcher) return;
        const trial: Trial = { client, version, watcher, row: {} };
        trials.push(trial);
        await within(FIRST_PICTURE, () => watcher.seen.length > 0);
        const plays = watcher.seen.length > 0 ? (performance.now() - watcher.began) / 1000 : null;
        progress(
          `${client.name} ${client.way}: ${plays === null ? "no picture" : `plays after ${plays.toFixed(1)} s`}`,
        );
        trial.row = { plays };
      }),
    );
    // Those that are behind settle meanwhile.
    await each(async ({ watcher, client }) => {
      const settled = await steady(watcher);
      const took = (await watcher.took?.()) ?? client.protocol;
      return { ...settled, instead: took === client.protocol ? null : (took ?? null) };
    });
    progress("the tab gets another size");
    await browser.page.setViewport({ width: 800, height: 450 });
    await each(async (trial) => ({ resize: await goesOn(trial, progress) }));
    progress("FFmpeg dies");
    for (const { pid } of ffmpegsOf(browser.page.browser().process()?.pid ?? 0)) process.kill(pid, "SIGKILL");
    await each(async (trial) => ({ death: await goesOn(trial, progress) }));
    await each(async ({ watcher }) => ({ sound_after: await hears(watcher) }));
    progress("the stream ends");
    await browser.stopStream();
    await each(async ({ client, watcher, row }) => {
      const began = performance.now();
      if (row.plays === null) return { end: null };
      const ended = await within(END, () => watcher.ended());
      progress(`${client.name} ${client.way}: ${ended ? "ended" : "has not ended"}`);
      return { end: ended ? (performance.now() - began) / 1000 : null };
    });
    return trials.map(({ client: { name, way }, version, row }) => ({
      ...blank,
      ...row,
      name,
      way,
      version,
      day: today(),
    }));
  } finally {
    for (const { watcher } of trials) await watcher.close().catch(() => {});
    await browser.close();
    await pages.close();
  }
}

const blank = {
  plays: null,
  instead: null,
  sound: false,
  behind: null,
  resize: null,
  death: null,
  sound_after: false,
  end: null,
};
const today = () => new Date().toISOString().slice(0, 10);

/** After some seconds: sound, and how far behind the page the pictures are. */
async function steady(watcher: Watcher): Promise<Partial<Row>> {
  await within(PAST * 2, () => spanOf(watcher) > PAST * 2000);
  const behind = watcher.seen.filter(({ at }) => at > Date.now() - PAST * 1000).map(({ at, time }) => at - time);
  const sound = await hears(watcher);
  return { sound, behind: behind.length > 0 ? percentile(behind, 0.5) / 1000 : null };
}

const spanOf = ({ seen }: Watcher) => (seen.at(-1)?.time ?? 0) - (seen[0]?.time ?? 0);

async function hears({ heard }: Watcher): Promise<boolean> {
  const since = Date.now();
  return within(PAST * 2, () => heard.some(({ at, level }) => at > since && level > SOUND));
}

/** The longest time without a new picture, until there are {@link PAST} s of what was painted from now on; `null`: there never were. */
async function goesOn({ client, watcher, row }: Trial, progress: (line: string) => void): Promise<number | null> {
  const began = Date.now();
  if (row.plays === null || row.resize === null) return null;
  const after = () => watcher.seen.filter(({ time }) => time > began);
  const past = () => after().some(({ time }) => time > (after()[0]?.time ?? 0) + PAST * 1000);
  if (!(await within(GOES_ON, past))) {
    progress(`${client.name} ${client.way}: stands still`);
    return null;
  }
  const shown = watcher.seen.filter(({ at }) => at > began - 1000);
  let longest = 0;
  let last = shown[0];
  for (const picture of shown) {
    if (picture.frame === last?.frame) continue;
    longest = Math.max(longest, picture.at - (last?.at ?? picture.at));
    last = picture;
  }
  progress(`${client.name} ${client.way}: goes on, ${(longest / 1000).toFixed(1)} s without a new picture`);
  return longest / 1000;
}

/** Whether `look` came true within `seconds`. */
async function within(seconds: number, look: () => boolean | Promise<boolean>): Promise<boolean> {
  const end = performance.now() + seconds * 1000;
  do {
    if (await look()) return true;
    await sleep(100);
  } while (performance.now() < end);
  return false;
}
