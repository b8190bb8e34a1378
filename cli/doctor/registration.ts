// Checks the registration of the host with each browser: the manifest, and whether its launcher works where the browser starts it.
import { existsSync, readFileSync } from "node:fs";
import * as v from "valibot";
import { toFlyBrowserError } from "../../protocol/errors.ts";
import type { System } from "../../protocol/node/data-directory.ts";
import { EXTENSION_ID, NATIVE_HOST_NAME } from "../../protocol/version.ts";
import { type BrowserName, type BrowserPlace, browserPlaces, manifestPaths, registryKey } from "../browser-paths.ts";
import { overrideCommand } from "../install/flatpak.ts";
import { keyExists } from "../windows-registry.ts";
import { browserEnvironment } from "./browser-environment.ts";
import { type Finding, missing, note, ok } from "./finding.ts";
import { probeHost } from "./host-probe.ts";

const ManifestSchema = v.object({
  name: v.literal(NATIVE_HOST_NAME),
  path: v.string(),
  type: v.literal("stdio"),
  allowed_origins: v.array(v.string()),
});

/** The findings for one browser; none where the host isn't registered. */
export async function registrationFindings(name: BrowserName, system: System): Promise<Finding[]> {
  const findings = browserPlaces(name, system).map((place) => finding(place, system));
  return (await Promise.all(findings)).filter((each) => each !== null);
}

async function finding(place: BrowserPlace, system: System): Promise<Finding | null> {
  const { browser, kind } = place;
  const title = `Host in ${place.title}`;
  if (kind === "snap") {
    const there = place.folder !== null && existsSync(place.folder);
    const fix = "Install the browser from its maker's package instead.";
    return there ? note(title, "snaps can't start programs outside of their sandbox", fix) : null;
  }
  const [path = ""] = manifestPaths(place, system);
  if (!existsSync(path)) return null;
  const fix = `Run \`flybrowser install --browser ${browser}\`.`;
  if (system.platform === "win32" && !keyExists(registryKey(browser))) {
    return missing(title, `the registry key ${registryKey(browser)} is missing`, fix);
  }
  const manifest = v.safeParse(ManifestSchema, readJson(path));
  if (!manifest.success) return missing(title, `${path} is not a valid native messaging manifest`, fix);
  const { path: launcher, allowed_origins: origins } = manifest.output;
  if (!origins.includes(`chrome-extension://${EXTENSION_ID}/`)) {
    return missing(title, `${path} does not allow the extension ${EXTENSION_ID}`, fix);
  }
  if (!existsSync(launcher)) return missing(title, `${launcher} is missing`, fix);
  if (place.app) {
    const what = `registered (${path}); whether its sandbox lets it start the host shows only in it`;
    return note(title, what, `If it doesn't, run \`${overrideCommand(place.app)}\`.`);
  }
  return started(title, path, launcher, place, system, fix);
}

async function started(
  title: string,
  path: string,
  launcher: string,
  { browser }: BrowserPlace,
  system: System,
  fix: string,
): Promise<Finding> {
  const { env, source } = browserEnvironment(browser, system);
  try {
    const host = await probeHost(launcher, { env });
    const what = `version ${host.host_version} responds (${path}, ${launcher}; environment of ${source})`;
    if (host.ffmpeg) return ok(title, `${what}, with FFmpeg ${host.ffmpeg.version}`);
    const why = `${what}, but finds no FFmpeg: the PATH that the browser gives it is ${env.PATH ?? "empty"}`;
    return missing(title, why, "Install FFmpeg, then run `flybrowser install` again: the host keeps what that finds.");
  } catch (error) {
    return missing(title, `${launcher}: ${toFlyBrowserError(error).message}`, fix);
  }
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return null;
  }
}
