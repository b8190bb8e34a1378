// Finds a program on this process's PATH.
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Its full path. @throws Error if it isn't there. */
export function onPath(name: string): string {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  const found = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (found === undefined) throw new Error(`${name} is not on the PATH`);
  return found;
}
