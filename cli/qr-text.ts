// A link as a QR code for a terminal: two modules a character, half a character high each.
import { generate } from "lean-qr";

/** Light modules around the code (ISO 18004, 9.1). */
const QUIET = 4;
/** By the upper and the lower module; the code's dark is the terminal's ground, so it is right on a dark one. */
const BLOCKS = [
  ["█", "▀"],
  ["▄", " "],
] as const;

/** The lines of the code. Phones read it inverted too, on a light terminal. */
export function qrText(text: string): string {
  const code = generate(text);
  const dark = (x: number, y: number) => (code.get(x, y) ? 1 : 0);
  const lines: string[] = [];
  for (let y = -QUIET; y < code.size + QUIET; y += 2) {
    let line = "  ";
    for (let x = -QUIET; x < code.size + QUIET; x++) line += BLOCKS[dark(x, y)][dark(x, y + 1)];
    lines.push(line);
  }
  return lines.join("\n");
}
