// The single executable: whether this process is it, and where its parts that aren't code (extension, player, demo) lie.
// Node only: never imported by the extension or the player.
import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as sea from "node:sea";
import { SOFTWARE_VERSION } from "../version.ts";
import { dataDirectory } from "./data-directory.ts";
import { ownTemporaryDirectory } from "./environment.ts";

/** The asset that lists the others: the parts' files, with `/` in their names. */
export const INDEX_ASSET = "parts.json";

/** Whether this process is the single executable (nodejs.org: Single executable applications). */
export function isExecutable(): boolean {
  return sea.isSea();
}

let parts: string | null = null;

/** The folder of the parts: `parts` beside the executable, where a package put it, else one of the user's, made when it is first needed. */
export function executableParts(): string {
  parts ??= beside() ?? unpacked();
  return parts;
}

function beside(): string | null {
  const folder = join(dirname(process.execPath), "parts");
  return existsSync(join(folder, INDEX_ASSET)) ? folder : null;
}

/** Named after its content, so that two versions never share one. */
function unpacked(): string {
  const index = sea.getAsset(INDEX_ASSET, "utf8");
  const hash = createHash("sha256").update(index).digest("hex").slice(0, 12);
  const folder = join(dataDirectory(), "parts", `${SOFTWARE_VERSION}-${hash}`);
  mkdirSync(dirname(folder), { recursive: true, mode: 0o700 });
  // Another user may have made it, with an extension of theirs: this fails then.
  if (folder.startsWith(ownTemporaryDirectory())) chmodSync(ownTemporaryDirectory(), 0o700);
  if (existsSync(folder)) return folder;
  const draft = mkdtempSync(`${folder}.`);
  for (const { name } of JSON.parse(index) as { name: string }[]) {
    mkdirSync(dirname(join(draft, name)), { recursive: true });
    writeFileSync(join(draft, name), Buffer.from(sea.getRawAsset(name) as ArrayBuffer));
  }
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true }); // another process was faster
    if (!existsSync(folder)) throw error;
  }
  return folder;
}
