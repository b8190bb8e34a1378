// Bundles a TypeScript file into one script that can be put into a page.
import { resolve } from "node:path";
import { build } from "vite";

const ROOT = resolve(import.meta.dirname, "../..");

/** Gives the code of `entry` (path from the project's root) and all that it imports as one classic script. */
export async function bundle(entry: string): Promise<string> {
  const output = await build({
    configFile: false,
    root: ROOT,
    publicDir: false,
    logLevel: "warn",
    build: {
      write: false,
      target: "chrome120",
      rolldownOptions: { input: resolve(ROOT, entry), output: { format: "iife" } },
    },
  });
  const outputs = Array.isArray(output) ? output : [output];
  for (const one of outputs) {
    if (!("output" in one)) continue;
    for (const chunk of one.output) if (chunk.type === "chunk" && chunk.isEntry) return chunk.code;
  }
  throw new Error(`Vite gave no script for ${entry}.`);
}
