// A browser that runs already, with a port or pipe for DevTools: has the extension and the host in it, whoever has started it.
import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { Deadline, sleep } from "../protocol/async.ts";
import { FlyBrowserError, wordsOf } from "../protocol/errors.ts";
import { sentence, type Words } from "../protocol/sentence.ts";
import { EXTENSION_ID, NATIVE_HOST_NAME } from "../protocol/version.ts";
import {
  type BrowserSession,
  browserOf,
  browserSession,
  openTargetSession,
  type TargetSession,
} from "./browser-session.ts";
import { allTargets, type LoadedExtension, loadedExtension } from "./capture-grant.ts";
import { hostManifest, writeHostManifest } from "./native-host-files.ts";
import { hostKnows } from "./page-host.ts";
import { type AnyPage, assertSameContext, targetIdOf } from "./page-target.ts";
import { automationExtension, browserRuns, createProfile, launcherOf, removeProfile } from "./profile.ts";

/** ms that the service worker of the extension has to be there. */
const WORKER_TIMEOUT = 5_000;
const LOOK_INTERVAL = 50;

/** What was done to one browser, for everybody who is attached to it. */
interface Preparation {
  users: number;
  readonly done: Promise<Prepared>;
}
interface Prepared {
  readonly undo: () => Promise<void>;
  /** The extension was there before: it may be one that its user has installed. */
  readonly found: boolean;
}
const preparations = new WeakMap<object, Preparation>();

function refused(reason: Words, advice: Words): FlyBrowserError {
  return new FlyBrowserError("browser_not_attachable", { reason, advice });
}

/**
 * Sees to it that the extension in a page's browser knows the page, and finds a host. Gives what undoes it, once nobody else is
 * attached to that browser.
 * @throws FlyBrowserError `browser_not_attachable`, `page_in_own_context`, `tab_not_found`, `environment_unusable`, `not_built`
 */
export async function prepareBrowser(page: AnyPage, directories: readonly string[]): Promise<() => Promise<void>> {
  const browser = browserOf(page);
  if (!browser) return async () => {};
  const known = preparations.get(browser);
  if (!known && (await hostKnows(await targetIdOf(page), directories))) return async () => {};
  const preparation = known ?? { users: 0, done: prepare(page, browser) };
  preparation.users++;
  preparations.set(browser, preparation);
  const leave = async () => {
    preparation.users--;
    if (preparation.users > 0 || preparations.get(browser) !== preparation) return;
    preparations.delete(browser);
    await (await preparation.done).undo();
  };
  try {
    if ((await preparation.done).found) await nameTab(page, browser);
  } catch (thrown) {
    await leave().catch(() => {}); // there is nothing to undo
    throw thrown;
  }
  let left: Promise<void> | null = null;
  return () => {
    left ??= leave();
    return left;
  };
}

/** Whether a page's browser runs the extension because this program has loaded it there. */
export async function hasLoaded(page: AnyPage): Promise<boolean> {
  const browser = browserOf(page);
  const preparation = browser ? preparations.get(browser) : undefined;
  return preparation !== undefined && !(await preparation.done).found;
}

async function prepare(page: AnyPage, browser: object): Promise<Prepared> {
  const session = await browserSession(browser);
  const { commandLine } = (await session.send("SystemInfo.getInfo")) as { commandLine: string };
  const folder = userDataDirectory(commandLine);
  let extension: LoadedExtension | null;
  try {
    extension = await loadedExtension(session);
  } catch (cause) {
    // An older Chrome: where the extension runs, or was given with its start, whoever waits for its host finds it.
    const given = / --load-extension=/.test(commandLine);
    if ((await workerOf(session, given ? WORKER_TIMEOUT : 0)) !== null) return { undo: async () => {}, found: true };
    throw refused(sentence("attach.no_method", { error: wordsOf(cause) }), sentence("attach.launch"));
  }
  if (!extension || !existsSync(extension.path))
    return { undo: await load(page, { session, commandLine, folder }), found: false };
  await assertSameContext(page);
  const launcher = launcherOf(extension.path);
  const undo = folder !== null && launcher !== null ? await registerHost(folder, launcher) : async () => {};
  return { undo, found: true };
}

interface Loading {
  readonly session: BrowserSession;
  readonly commandLine: string;
  readonly folder: string | null;
}

/** Loads the extension as a program's browser has it; it goes again with the last who is attached. */
async function load(page: AnyPage, { session, commandLine, folder }: Loading): Promise<() => Promise<void>> {
  // Chromium 156 loads nothing then, and says that it has.
  if (/ --disable-extensions(?= |$)/.test(commandLine))
    throw refused(sentence("attach.disabled"), sentence("attach.enable"));
  if (folder !== null && process.platform !== "win32" && browserRuns(folder) !== true)
    throw refused(sentence("attach.elsewhere", { path: folder }), sentence("attach.here"));
  const profile = await createProfile();
  let unregister = async () => {};
  const undo = async () => {
    await unregister();
    removeProfile(profile);
  };
  try {
    const path = await automationExtension(profile, { popup: false });
    const launcher = launcherOf(path);
    if (folder !== null && launcher !== null) unregister = await registerHost(folder, launcher);
    await session.send("Extensions.loadUnpacked", { path });
    if (!(await loadedExtension(session))) throw new Error("Extensions.getExtensions");
  } catch (cause) {
    await undo();
    if (cause instanceof FlyBrowserError) throw cause;
    throw refused(sentence("attach.no_method", { error: wordsOf(cause) }), sentence("attach.launch"));
  }
  const unload = async () => {
    await session.send("Extensions.uninstall", { id: EXTENSION_ID });
  };
  await workerOf(session);
  try {
    await assertSameContext(page);
  } catch (thrown) {
    await unload().catch(() => {});
    await undo();
    throw thrown;
  }
  return async () => {
    await unload().catch(() => {}); // the browser is gone
    await undo();
  };
}

/** The folder of the browser's profiles, by its command line, in which words are joined by spaces; `null`: the usual one. */
export function userDataDirectory(commandLine: string, exists: (path: string) => boolean = isFolder): string | null {
  const given = /--user-data-dir=(.*?)(?= --|$)/.exec(commandLine)?.[1];
  if (given === undefined) return null;
  let path = given.replace(/^"(.*?)".*$/, "$1").trim();
  // What follows the last of the switches is an address.
  while (!exists(path) && path.includes(" ")) path = path.slice(0, path.lastIndexOf(" "));
  return exists(path) ? path : given.trim();
}

const isFolder = (path: string) => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Has the browser with this folder find the host, unless it finds one already. Gives what undoes it. */
async function registerHost(folder: string, launcher: string): Promise<() => Promise<void>> {
  const path = join(folder, "NativeMessagingHosts", `${NATIVE_HOST_NAME}.json`);
  const registered = (): string | null => {
    try {
      return (JSON.parse(readFileSync(path, "utf8")) as { path: string }).path;
    } catch {
      return null; // there is none
    }
  };
  const before = registered();
  if (before !== null && existsSync(before)) return async () => {};
  try {
    await writeHostManifest(path, hostManifest(launcher));
  } catch (cause) {
    throw refused(
      sentence("attach.not_written", { path: dirname(path), error: wordsOf(cause) }),
      sentence("attach.here"),
    );
  }
  const remove = () => {
    if (registered() === launcher) rmSync(path, { force: true });
  };
  process.once("exit", remove);
  return async () => {
    process.off("exit", remove);
    remove();
  };
}

/** The target of the extension's service worker; `null`: there is none in time. */
async function workerOf(session: BrowserSession, within = WORKER_TIMEOUT): Promise<string | null> {
  for (const deadline = new Deadline(within); ; await sleep(LOOK_INTERVAL)) {
    const own = `chrome-extension://${EXTENSION_ID}/`;
    const found = (await allTargets(session)).find(({ type, url }) => type === "service_worker" && url.startsWith(own));
    if (found) return found.targetId;
    if (deadline.passed) return null;
  }
}

/** What the service worker of an extension says of itself. */
interface Kind {
  /** As a program's browser has it: it knows pages by their DevTools ids. */
  readonly automation: boolean;
  /** Its user lets programs connect. */
  readonly programs: boolean;
}

const KIND = `chrome.storage.local.get("programs_may_connect").then(({ programs_may_connect }) =>
  ({ automation: typeof chrome.debugger !== "undefined", programs: programs_may_connect === true }))`;

/** What an expression gives in a worker; `undefined`: it fails there. */
async function evaluate<T>(worker: TargetSession, expression: string): Promise<T | undefined> {
  const options = { expression, awaitPromise: true, returnByValue: true };
  const { result } = await worker.send<{ result: { value?: T; subtype?: string } }>("Runtime.evaluate", options);
  return result.subtype === "error" ? undefined : result.value;
}

/** A worker that is only beginning has nothing of `chrome` yet. `null`: it doesn't come to it. */
async function kindOf(worker: TargetSession): Promise<Kind | null> {
  for (const deadline = new Deadline(WORKER_TIMEOUT); !deadline.passed; await sleep(LOOK_INTERVAL)) {
    const kind = await evaluate<Kind>(worker, KIND);
    if (kind) return kind;
  }
  return null;
}

/** Tells an extension that its user has installed, which knows nothing of DevTools, which of its tabs the page is. */
async function nameTab(page: AnyPage, browser: object): Promise<void> {
  const session = await browserSession(browser);
  const target = await workerOf(session);
  if (target === null) return; // whoever waits for its host says so
  const worker = await openTargetSession(session, target);
  try {
    const kind = await kindOf(worker);
    if (kind?.automation !== false) return;
    if (!kind.programs) throw refused(sentence("attach.not_let"), sentence("attach.let"));
    const targetId = await targetIdOf(page);
    await session.send("Target.activateTarget", { targetId });
    const { windowId } = (await session.send("Browser.getWindowForTarget", { targetId })) as { windowId: number };
    if ((await evaluate<boolean>(worker, naming(targetId, windowId))) !== true)
      throw new FlyBrowserError("tab_not_found", { tab: targetId });
  } finally {
    await worker.detach();
  }
}

/** Has a service worker take down that the tab in front of a window has this page. */
function naming(targetId: string, windowId: number): string {
  return `Promise.all([
    chrome.tabs.query({ active: true, windowId: ${windowId} }),
    chrome.storage.session.get("page_targets"),
  ]).then(async ([[tab], { page_targets }]) => {
    await chrome.storage.session.set({ page_targets: { ...page_targets, [tab.id]: ${JSON.stringify(targetId)} } });
    return true;
  })`;
}
