// Renders the extension's PNG icons from extension/icons/icon.svg.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Resvg } from "@resvg/resvg-js";

const SOURCE = join(import.meta.dirname, "../extension/icons/icon.svg");

/** Sizes that the manifest names, px. */
export const ICON_SIZES = [16, 32, 48, 128] as const;

/** Writes `icon-16.png` … `icon-128.png` into `outDir`, making it where needed. */
export async function renderIcons(outDir: string): Promise<void> {
  const svg = await readFile(SOURCE, "utf8");
  await mkdir(outDir, { recursive: true });
  for (const size of ICON_SIZES) {
    const png = new Resvg(svg, { fitTo: { mode: "width", value: size } }).render().asPng();
    await writeFile(join(outDir, `icon-${size}.png`), png);
  }
}
