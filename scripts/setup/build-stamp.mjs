// The stamp of dist/: which sources it was built from. scripts/build.ts writes it, and bootstrap.mjs builds what it doesn't fit.
import { rmSync } from "node:fs";
import { join } from "node:path";
import { fingerprint, isFresh, markFresh } from "./freshness.mjs";

/** What dist/ is made from. */
const SOURCES = [
  ...["protocol", "extension", "native-host", "player", "sdk", "cli", "executable"],
  ...["scripts/build.ts", "scripts/declarations.ts", "scripts/icons.ts", "scripts/notices.ts"],
  ...["manifest.json", "package.json", "package-lock.json", "tsconfig.json", "vite.config.ts"],
];

const stampOf = (root) => join(root, "dist/.stamp");

/** Whether dist/ is built from the sources as they are. */
export function isBuilt(root) {
  return isFresh(stampOf(root), fingerprint(root, SOURCES));
}

/** A build begins. Gives what to call once it is whole; until then dist/ counts as stale, unless it is fresh already. */
export function beginBuild(root) {
  const hash = fingerprint(root, SOURCES);
  if (!isFresh(stampOf(root), hash)) rmSync(stampOf(root), { force: true });
  return () => markFresh(stampOf(root), hash);
}
