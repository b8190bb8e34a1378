// Words over the picture of a stream, before any encoder: what is open over a page that draws nothing itself until it is closed.
import { Emitter } from "../../protocol/emitter.ts";
import type { HeldPicture } from "./held-picture.ts";

/** Height of the letters as a share of the picture's, and px at least. */
const LETTERS = { share: 0.035, least: 10 } as const;
/** Shares of the picture's width and height: how wide the card is at most, and where it begins. */
const WIDEST = 0.8;
const TOP = 0.05;
/** Lines at most. */
const MOST_LINES = 5;

/** The words of one stream; they outlive the captures under them. */
export class Notice {
  #text: string | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  readonly #changed = new Emitter();
  #card: Card | null = null;

  /** Shows `text` for so many seconds; `null`: nothing. */
  show(text: string | null, seconds: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = text === null ? null : setTimeout(() => this.show(null, 0), seconds * 1000);
    if (text === this.#text) return;
    this.#text = text;
    this.#changed.emit();
  }

  /** Whether there are words. */
  get isShown(): boolean {
    return this.#text !== null;
  }

  /** Calls `listener` when there are other words; gives the function that ends that. */
  onChange(listener: () => void): () => void {
    return this.#changed.on(listener);
  }

  /** A picture with the words over it; the same one if there are none, or where its pixels are of a kind that isn't known here. */
  over(picture: HeldPicture): HeldPicture {
    if (this.#text === null) return picture;
    const { codedWidth, codedHeight } = picture.layout;
    if (this.#card?.text !== this.#text || this.#card.for_width !== codedWidth || this.#card.for_height !== codedHeight)
      this.#card = cardOf(this.#text, codedWidth, codedHeight);
    return this.#card ? withCard(picture, this.#card) : picture;
  }
}

/** Grey values, 0 to 255, of a card whose place and sides are even, so that it covers whole pixels of colour. */
export interface Card {
  readonly text: string;
  readonly for_width: number;
  readonly for_height: number;
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
  readonly greys: Uint8Array;
}

/** A picture with a card over it: a copy, or the same one where its pixels are of a kind that isn't known here. */
export function withCard(picture: HeldPicture, card: Card): HeldPicture {
  const { format, layout = [], colorSpace } = picture.layout;
  const [first, second, third] = layout;
  if (!first) return picture;
  const pixels = picture.pixels.slice();
  const { left, top, width, height, greys } = card;
  if (format === "I420" || format === "NV12") {
    const [black, range] = colorSpace?.fullRange ? [0, 255] : [16, 219];
    for (let row = 0; row < height; row++) {
      const start = first.offset + (top + row) * first.stride + left;
      for (let at = 0; at < width; at++)
        pixels[start + at] = black + Math.round(((greys[row * width + at] ?? 0) * range) / 255);
    }
    // Half as many rows of colour; NV12 has both colours in one plane.
    const colours = format === "NV12" ? [{ plane: second, from: left, to: left + width }] : [];
    if (format === "I420")
      colours.push(...[second, third].map((plane) => ({ plane, from: left / 2, to: (left + width) / 2 })));
    for (const { plane, from, to } of colours) {
      if (!plane) return picture;
      for (let row = top / 2; row < (top + height) / 2; row++) {
        const start = plane.offset + row * plane.stride;
        pixels.fill(128, start + from, start + to);
      }
    }
  } else if (format !== null && ["RGBA", "RGBX", "BGRA", "BGRX"].includes(format)) {
    for (let row = 0; row < height; row++) {
      const start = first.offset + (top + row) * first.stride + 4 * left;
      for (let at = 0; at < width; at++) {
        const grey = greys[row * width + at] ?? 0;
        pixels.set([grey, grey, grey, 255], start + 4 * at);
      }
    }
  } else return picture;
  return { pixels, layout: picture.layout };
}

const even = (px: number): number => 2 * Math.round(px / 2);

/** The card for a picture of this size, px; `null`: there is no room for it. */
function cardOf(text: string, for_width: number, for_height: number): Card | null {
  const letters = Math.max(LETTERS.least, Math.round(for_height * LETTERS.share));
  const font = `500 ${letters}px system-ui, sans-serif`;
  const measuring = new OffscreenCanvas(1, 1).getContext("2d");
  if (!measuring) return null;
  measuring.font = font;
  const [beside, line] = [letters, Math.round(letters * 1.4)];
  const lines = wrapped(text, WIDEST * for_width - 2 * beside, (part) => measuring.measureText(part).width);
  const widest = Math.max(...lines.map((each) => measuring.measureText(each).width));
  const width = even(Math.min(widest + 2 * beside, WIDEST * for_width));
  const height = even(lines.length * line + letters);
  const [left, top] = [even((for_width - width) / 2), even(TOP * for_height)];
  if (width < 2 || left < 0 || left + width > for_width || top + height > for_height) return null;
  const drawing = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!drawing) return null;
  drawing.fillStyle = "#8a8a8a";
  drawing.fillRect(0, 0, width, height);
  drawing.fillStyle = "#ffffff";
  drawing.fillRect(2, 2, width - 4, height - 4);
  Object.assign(drawing, { font, fillStyle: "#121212", textAlign: "center", textBaseline: "middle" });
  for (const [at, each] of lines.entries()) drawing.fillText(each, width / 2, letters / 2 + (at + 0.5) * line);
  const { data } = drawing.getImageData(0, 0, width, height);
  const greys = Uint8Array.from({ length: width * height }, (_, at) => data[4 * at] ?? 0);
  return { text, for_width, for_height, left, top, width, height, greys };
}

/** Words in lines of a width, by what `measure` says of theirs; what is too much ends with three dots. */
export function wrapped(text: string, width: number, measure: (text: string) => number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    let rest = line === "" ? word : `${line} ${word}`;
    if (line !== "" && measure(rest) > width) {
      lines.push(line);
      rest = word;
    }
    while (measure(rest) > width && [...rest].length > 1) {
      const letters = [...rest];
      let count = letters.length - 1;
      while (count > 1 && measure(letters.slice(0, count).join("")) > width) count--;
      lines.push(letters.slice(0, count).join(""));
      rest = letters.slice(count).join("");
    }
    line = rest;
  }
  lines.push(line);
  if (lines.length <= MOST_LINES) return lines;
  return [...lines.slice(0, MOST_LINES - 1), `${[...(lines[MOST_LINES - 1] ?? "")].slice(0, -1).join("")}…`];
}
