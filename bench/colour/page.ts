// The page whose colours are measured: 24 flat patches above, lines of text below. And how a picture of it is read.
import { difference, labOf, type Rgb } from "./difference.ts";

/** px */
export const SIZE = { width: 1280, height: 720 } as const;
/** px from the top where the text begins. */
export const TEXT_TOP = 360;
const COLUMNS = 6;
const ROWS = 4;

/** The chart's 18 colours, the primaries, yellow, the brown, grey. */
export const PATCHES = [
  ...["#735244", "#c29682", "#627a9d", "#576c43", "#8580b1", "#67bdaa", "#d67e2c", "#505ba6", "#c15a63"],
  ...["#5e3c6c", "#9dbc40", "#e0a32e", "#383d96", "#469449", "#af363c", "#e7c71f", "#bb5695", "#0885a1"],
  ...["#ff0000", "#00ff00", "#0000ff", "#ffff00", "#c04020", "#808080"],
] as const;

const rgbOf = (hex: string): Rgb => [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as never;

/** The page. Something moves in a corner, so that frames keep coming. */
export function colourPage(): string {
  const patches = PATCHES.map((colour) => `<i style="background:${colour}"></i>`).join("");
  const inks = ["#111", "#b00020", "#0057b8", "#0a7a2f"];
  const lines = Array.from({ length: 18 }, (_, line) => {
    const words = Array.from({ length: 26 }, (__, word) => (((line * 31 + word * 17) % 997) * 7919).toString(36));
    return `<p style="color:${inks[line % inks.length]}">${words.join(" ")}</p>`;
  }).join("");
  return `<!doctype html><meta charset="utf-8"><title>Colours</title><style>
html, body { margin: 0; background: #fff; overflow: hidden }
div { display: grid; grid-template-columns: repeat(${COLUMNS}, 1fr); height: ${TEXT_TOP}px }
p { font: 14px/20px sans-serif; margin: 0 8px; height: 20px; white-space: nowrap; overflow: hidden }
b { position: fixed; right: 0; bottom: 0; width: 8px; height: 8px; background: #888; animation: turn 1s infinite linear }
@keyframes turn { to { transform: rotate(1turn) } }
</style><div>${patches}</div>${lines}<b></b>`;
}

/** What was read: mean and largest ΔE2000 of the patches, and which patch that was. */
export interface Colours {
  readonly mean: number;
  readonly largest: number;
  readonly worst: string;
}

/** Compares the middle of each patch of a picture with what was drawn. `pixels`: `channels` bytes each, R, G, B first. */
export function readColours(pixels: Uint8Array, width: number, height: number, channels: 3 | 4): Colours {
  const around = Math.max(2, Math.round(width / 64));
  const found = PATCHES.map((colour, index) => {
    const x = Math.round(((index % COLUMNS) + 0.5) * (width / COLUMNS));
    const y = Math.round((Math.floor(index / COLUMNS) + 0.5) * ((height * TEXT_TOP) / SIZE.height / ROWS));
    const sum = [0, 0, 0];
    let count = 0;
    for (let row = y - around / 2; row < y + around / 2; row++) {
      for (let column = x - around; column < x + around; column++, count++) {
        const at = (Math.floor(row) * width + column) * channels;
        for (const part of [0, 1, 2]) sum[part] = (sum[part] ?? 0) + (pixels[at + part] ?? 0);
      }
    }
    const seen = sum.map((total) => total / count) as never as Rgb;
    return { colour, apart: difference(labOf(rgbOf(colour)), labOf(seen)), seen };
  });
  const worst = found.reduce((most, each) => (each.apart > most.apart ? each : most));
  return {
    mean: found.reduce((sum, { apart }) => sum + apart, 0) / found.length,
    largest: worst.apart,
    worst: `${worst.colour} is ${worst.seen.map(Math.round).join(",")}`,
  };
}
