// Finds running hosts by their control files, and the host of one page by the page's DevTools id.
// Never starts one.
import { FlyBrowserError } from "../protocol/errors.ts";
import { listControlFiles } from "../protocol/node/control-files.ts";
import { stateDirectory } from "../protocol/node/state-directory.ts";
import { ControlClient } from "./control-client.ts";
import { profileStateDirectory, throwawayProfiles } from "./profile.ts";

/** Where hosts of this user may be noted: the user's state directory, and those of throw-away profiles. */
export function stateDirectories(): string[] {
  return [stateDirectory(), ...throwawayProfiles().map(({ path }) => profileStateDirectory(path))];
}

/** Every running host of this user. */
export function runningHosts(directories: readonly string[] = stateDirectories()): ControlClient[] {
  const files = directories.flatMap((directory) => listControlFiles(directory));
  return files.map((file) => new ControlClient(file));
}

/** How long the extension may take to start the host, ms. */
const HOST_TIMEOUT = 20_000;
const PAUSE = 50;

/**
 * Waits for the host whose browser has this page.
 * @throws FlyBrowserError `page_without_extension` when there is none in time.
 */
export async function hostOfPage(
  targetId: string,
  directories: readonly string[],
  timeout = HOST_TIMEOUT,
): Promise<ControlClient> {
  const until = performance.now() + timeout;
  let last: unknown;
  while (performance.now() < until) {
    for (const host of runningHosts(directories)) {
      try {
        if ((await host.listTabs()).some((tab) => tab.target_id === targetId)) return host;
      } catch (error) {
        last = error; // may be starting, or ending
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
  throw new FlyBrowserError("page_without_extension", { seconds: timeout / 1000 }, { cause: last });
}
