// Tells whether something built from files is up to date: a stamp file holds the hash of what it was built from.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Hash over the names and contents of files and of whole folders, below `root`; what is missing counts as such. */
export function fingerprint(root, paths) {
  const hash = createHash("sha256");
  for (const path of paths) add(hash, root, path);
  return hash.digest("hex");
}

function add(hash, root, path) {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  hash.update(`\0${path}\0`);
  if (!stat) hash.update("missing");
  else if (stat.isDirectory())
    for (const name of readdirSync(join(root, path)).sort()) add(hash, root, `${path}/${name}`);
  else hash.update(readFileSync(join(root, path)));
}

/** Whether the stamp holds this hash. */
export function isFresh(stamp, hash) {
  try {
    return readFileSync(stamp, "utf8") === hash;
  } catch {
    return false;
  }
}

/** Writes the stamp. */
export function markFresh(stamp, hash) {
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, hash);
}
