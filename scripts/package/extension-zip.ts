// The extension as the Chrome Web Store and Edge Add-ons take it.
import { join } from "node:path";
import { LICENSES_FILE } from "../../vite.config.ts";
import { bundledPackages, NOTICES_FILE, notices } from "../notices.ts";
import { contentOf, writeZip } from "./archives.ts";

/** Writes the zip. `dist`: the folder of the builds. */
export async function writeExtensionZip(dist: string, path: string): Promise<void> {
  const files = contentOf(join(dist, "extension"));
  delete files[LICENSES_FILE];
  files["manifest.json"] = Buffer.from(storeManifest(Buffer.from(files["manifest.json"] ?? "").toString("utf8")));
  files[NOTICES_FILE] = Buffer.from(notices(await bundledPackages(dist, ["extension"])));
  writeZip(path, files);
}

/**
 * The manifest without `key`, which the stores refuse: each gives an id of its own (STORE_EXTENSION_IDS in protocol/version.ts).
 */
export function storeManifest(text: string): string {
  const { key: _, ...manifest } = JSON.parse(text) as Record<string, unknown>;
  return `${JSON.stringify(manifest, null, 2)}\n`;
}
