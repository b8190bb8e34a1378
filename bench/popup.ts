// `npm run popup`: how long the popup takes from its navigation until it is painted and until its big button can be pressed, beside an
// empty page of the extension; and from that button until the link is on the clipboard. `--against FOLDER`: another checkout's build too.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import type { Page } from "puppeteer-core";
import { sleep } from "../protocol/async.ts";
import { servePages } from "../test/e2e/harness/pages.ts";
import { openPerson, type Person } from "../test/e2e/harness/person.ts";
import { until } from "../test/e2e/harness/until.ts";
import { table } from "./report/text.ts";
import { percentile } from "./statistics.ts";

/** Of a browser that has just begun; with the service worker stopped, as after 30 s of rest; with it awake. Beside it a page with a button. */
const WAYS = [
  "first of the browser",
  "worker asleep",
  "worker awake",
  "empty page, asleep",
  "empty page, awake",
] as const;
type Way = (typeof WAYS)[number];

/** ms */
interface Opening {
  /** Since the navigation began, until words or a picture are shown; the paint before that may be of an empty page. */
  readonly paint: number;
  /** Since the navigation began, until a frame with the button was made. It can be pressed from then on. */
  readonly ready: number;
  /** Since the navigation began, until a frame was made with all that the popup shows: the tab, what was chosen last. */
  readonly whole: number;
  /** The same, since the press of the toolbar button. */
  readonly pressed: number;
}

const START = ".button.primary.wide:enabled";
const POPUP = "extension/popup/index.html";
/** What {@link openPerson} takes for a popup too. */
const EMPTY_PAGE = `${POPUP}.empty.html`;
/** In the page before its own code runs. */
const PROBE = `{
  const probe = (window.probe = {});
  const note = (name, selector) => {
    if (name in probe || !document.querySelector(selector)) return;
    probe[name] = null;
    requestAnimationFrame(() => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => { probe[name] = performance.now(); };
      port2.postMessage(0);
    });
  };
  const look = () => { note("ready", "${START}"); note("whole", ".choices"); note("copied", ".copy[data-copied=true]"); };
  new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
  look();
}`;
const EMPTY = `<!doctype html><script type="module" src="/probe.js"></script><body><button class="button primary wide">Start</button>`;

const { values } = parseArgs({ options: { against: { type: "string" }, runs: { type: "string", default: "15" } } });
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs}: a whole number from 1 on`);
const roots = { here: resolve(import.meta.dirname, ".."), ...(values.against && { against: resolve(values.against) }) };

/** A build's extension with the probe in its popup: in its own module, since another file would take the time of its loading. */
function withProbe(root: string, folder: string): string {
  cpSync(join(root, "dist/extension"), folder, { recursive: true });
  const [, entry] = /<script [^>]*src="([^"]+)"/.exec(readFileSync(join(folder, POPUP), "utf8")) ?? [];
  if (entry === undefined) throw new Error(`${join(root, "dist/extension", POPUP)} has no script`);
  writeFileSync(join(folder, entry), `${PROBE}\n${readFileSync(join(folder, entry), "utf8")}`);
  writeFileSync(join(folder, "probe.js"), PROBE);
  writeFileSync(join(folder, EMPTY_PAGE), EMPTY);
  return folder;
}

/**
 * Waits for a moment that the probe notes: ms since the navigation. It looks again and again, since a `waitForFunction` of Puppeteer 24
 * that begins in the empty document before the popup's may never look at the popup's.
 */
async function noted(popup: Page, name: "ready" | "whole" | "copied"): Promise<number> {
  const look = (key: string) => (window as unknown as { probe: Record<string, number | null> }).probe[key];
  try {
    return await until(`the popup is ${name}`, () => popup.evaluate(look, name), 15_000);
  } catch (cause) {
    throw new Error(`${(cause as Error).message}: ${await condition(popup)}`, { cause });
  }
}

/** Why something doesn't show: what is there instead, or that no frame is made of the popup (`null` in the probe). */
function condition(popup: Page): Promise<string> {
  const look = () => {
    const { probe } = window as unknown as { probe: object };
    const words = document.body.innerText.replace(/\s+/g, " ").slice(0, 300);
    return JSON.stringify({ address: location.href, probe, visible: document.visibilityState, words });
  };
  return popup.evaluate(look).catch((error) => String(error));
}

async function opening(person: Person): Promise<{ popup: Page; figures: Opening }> {
  await person.page.bringToFront();
  const pressed = Date.now();
  const popup = await person.openPopup();
  const ready = await noted(popup, "ready");
  const whole = popup.url().endsWith(EMPTY_PAGE) ? ready : await noted(popup, "whole");
  const painted = () => performance.getEntriesByName("first-contentful-paint")[0]?.startTime;
  const paint = await until("the popup is painted", () => popup.evaluate(painted), 15_000);
  const since = (await popup.evaluate(() => performance.timeOrigin)) - pressed;
  return { popup, figures: { paint, ready, whole, pressed: since + ready } };
}

/** Stops the service worker, as Chrome does after 30 s without work. */
async function stopWorker({ browser }: Person): Promise<void> {
  const target = await browser.waitForTarget((each) => each.type() === "service_worker");
  await (await target.worker())?.close();
}

async function showAs(person: Person, popup: string): Promise<void> {
  await person.inExtension(`chrome.action.setPopup({ popup: "${popup}" })`);
}

/** One browser: each way to open, then a start. Gives the ms from the button to the clipboard. */
async function measure(extension: string, url: string, take: (way: Way, figures: Opening) => void): Promise<number> {
  const person = await openPerson({ extension });
  try {
    await person.page.goto(url);
    await sleep(1_500); // the browser has begun, and is at rest
    for (const way of WAYS) {
      if (way.startsWith("empty page")) await showAs(person, EMPTY_PAGE); // a service worker that starts puts the popup there
      if (way.endsWith("asleep")) await stopWorker(person);
      const { popup, figures } = await opening(person);
      take(way, figures);
      await sleep(500); // the host that it has started is up
      await popup.close();
    }
    await showAs(person, POPUP);
    const { popup } = await opening(person);
    await sleep(1_000); // a person reads
    const next = person.nextPopup();
    const pressed = Date.now();
    await popup.click(START);
    const live = await next;
    const copied = await noted(live, "copied");
    return (await live.evaluate(() => performance.timeOrigin)) + copied - pressed;
  } finally {
    await person.close();
  }
}

const figure = (all: readonly number[]) =>
  `${percentile(all, 0.5).toFixed(0)} (${percentile(all, 0.1).toFixed(0)} to ${percentile(all, 0.9).toFixed(0)})`;

const folder = mkdtempSync(join(tmpdir(), "flybrowser-popup-"));
const pages = await servePages();
const builds = Object.entries(roots).map(([name, root]) => ({
  name,
  extension: withProbe(root, join(folder, name)),
  openings: new Map<Way, Opening[]>(WAYS.map((way) => [way, []])),
  links: [] as number[],
}));
const loads: number[] = [];
let failed = 0;
try {
  for (let run = 0; run < runs; run++) {
    for (const build of run % 2 === 0 ? builds : [...builds].reverse()) {
      try {
        const take = (way: Way, figures: Opening) => build.openings.get(way)?.push(figures);
        build.links.push(await measure(build.extension, pages.url("pattern.html"), take));
      } catch (error) {
        failed++; // what it gave before counts
        process.stderr.write(`${build.name}: ${error instanceof Error ? error.message : error}\n`);
      }
      loads.push(loadavg()[0] ?? 0);
    }
    process.stderr.write(`run ${run + 1} of ${runs}\n`);
  }
} finally {
  await pages.close();
  rmSync(folder, { recursive: true, force: true });
}
const rows = builds.flatMap(({ name, openings, links }) => [
  ...[...openings].map(([way, all]) => [
    ...[name, way, figure(all.map(({ paint }) => paint)), figure(all.map(({ ready }) => ready))],
    ...[figure(all.map(({ whole }) => whole)), figure(all.map(({ pressed }) => pressed))],
  ]),
  [name, "button to clipboard", "", "", "", figure(links)],
]);
process.stdout.write(
  `${table(["build", "popup", "contentful paint", "button", "all of it", "from the press"], rows)}\n`,
);
process.stdout.write(
  `Median (10th to 90th of 100) of ${runs} browsers each, ms; ${failed} failed; load ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}\n`,
);
