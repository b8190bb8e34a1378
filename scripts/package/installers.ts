// The installers of a release: the templates in packaging/, told the version and where it is downloaded from.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const TEMPLATES = join(import.meta.dirname, "../../packaging");

/** Where a release lies: on GitHub when a workflow makes it there, else wherever the user says (FLYBROWSER_DOWNLOADS). */
function downloads(version: string, { GITHUB_REPOSITORY, GITHUB_SERVER_URL }: NodeJS.ProcessEnv): string {
  if (!GITHUB_REPOSITORY || !GITHUB_SERVER_URL) return "";
  return `${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}/releases/download/v${version}`;
}

/** Texts of the installers by name. */
export function installers(version: string, env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const fill = (name: string) =>
    readFileSync(join(TEMPLATES, name), "utf8")
      .replaceAll("@VERSION@", version)
      .replaceAll("@DOWNLOADS@", downloads(version, env));
  return { "install.sh": fill("install.sh"), "install.ps1": fill("install.ps1") };
}
