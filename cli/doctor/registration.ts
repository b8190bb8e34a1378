// Checks the registration of the host with each browser: the manifest, and whether its launcher works.
import { existsSync, readFileSync } from "node:fs";
import * as v from "valibot";
import { toFlyBrowserError } from "../../protocol/errors.ts";
import type { System } from "../../protocol/node/data-directory.ts";
import { EXTENSION_ID, NATIVE_HOST_NAME } from "../../protocol/version.ts";
import { BROWSERS, type BrowserName, manifestPath, registryKey } from "../browser-paths.ts";
import { keyExists } from "../windows-registry.ts";
import { type Finding, missing, ok } from "./finding.ts";
import { probeHost } from "./host-probe.ts";

const ManifestSchema = v.object({
  name: v.literal(NATIVE_HOST_NAME),
  path: v.string(),
  type: v.literal("stdio"),
  allowed_origins: v.array(v.string()),
});

/** The finding for one browser; `null`: the host isn't registered there. */
export async function registrationFinding(name: BrowserName, system: System): Promise<Finding | null> {
  const title = `Host in ${BROWSERS[name].title}`;
  const path = manifestPath(name, system);
  if (!existsSync(path)) return null;
  const fix = `Run \`flybrowser install --browser ${name}\`.`;
  if (system.platform === "win32" && !keyExists(registryKey(name))) {
    return missing(title, `the registry key ${registryKey(name)} is missing`, fix);
  }
  const manifest = v.safeParse(ManifestSchema, readJson(path));
  if (!manifest.success) return missing(title, `${path} is not a valid native messaging manifest`, fix);
  const { path: launcher, allowed_origins: origins } = manifest.output;
  if (!origins.includes(`chrome-extension://${EXTENSION_ID}/`)) {
    return missing(title, `${path} does not allow the extension ${EXTENSION_ID}`, fix);
  }
  if (!existsSync(launcher)) return missing(title, `${launcher} is missing`, fix);
  try {
    const host = await probeHost(launcher);
    return ok(title, `version ${host.host_version} responds (${path}, ${launcher})`);
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
