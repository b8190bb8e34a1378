// Of which matrix the captured pixels are. Chrome labels them BT.709 always; they are so where it composites by GPU, and BT.601 where
// its software compositor makes them (docs/decisions/colours.md). Nothing tells outright, so it is measured.
import type { ColourMatrix } from "../../protocol/native-messages.ts";

/** Side of the drawings, px. */
const SIDE = 96;
/** A colour is outside of RGB from here on, of 255; one that is read as it was made is within 3. */
const OUTSIDE = 8;
const NEARLY_INSIDE = 4;
/** Levels by which neighbours of one colour may differ. */
const FLAT = 2;
/** Places that must agree before a frame has a say. */
const PLACES = 24;
/** Chroma samples looked at in a frame, about. */
const LOOKED_AT = 6_000;

/** A picture as Y'CbCr 4:2:0, 8 bits, limited range. */
export interface Planes {
  readonly format: "I420" | "NV12";
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/** How the three are made of Y, Cb and Cr (ITU-T H.273, 8.3; Cr to R, Cb to G, Cr to G, Cb to B). */
const READING: Readonly<Record<ColourMatrix, readonly [number, number, number, number]>> = {
  bt709: [1.7927, -0.2132, -0.5329, 2.1124],
  bt601: [1.596, -0.3918, -0.813, 2.0172],
};

/** By how much Y, Cb, Cr lie outside of RGB, of 255. */
function outside(matrix: ColourMatrix, y: number, cb: number, cr: number): number {
  const [r, gb, gr, b] = READING[matrix];
  const light = 1.1644 * (y - 16);
  const rgb = [light + r * (cr - 128), light + gb * (cb - 128) + gr * (cr - 128), light + b * (cb - 128)];
  return Math.max(0, -Math.min(...rgb), Math.max(...rgb) - 255);
}

/**
 * The matrix of a picture, by its pure colours: what was read as the wrong one lies outside of RGB. `null`: it has too few of them.
 * Only places where a colour covers its surroundings are asked, since chroma is shared by four pixels.
 */
export function matrixOfPicture({ format, width, height, data }: Planes): ColourMatrix | null {
  const [across, down] = [width >> 1, height >> 1];
  const chroma = (x: number, y: number): [number, number] => {
    const at = y * across + x;
    const first = width * height;
    if (format === "NV12") return [data[first + at * 2] ?? 128, data[first + at * 2 + 1] ?? 128];
    return [data[first + at] ?? 128, data[first + across * down + at] ?? 128];
  };
  const luma = (x: number, y: number) => data[y * width + x] ?? 16;
  const near = (a: number, b: number) => Math.abs(a - b) <= FLAT;
  const votes = { bt709: 0, bt601: 0 };
  const step = Math.max(1, Math.floor(Math.sqrt((across * down) / LOOKED_AT)));
  for (let y = 1; y < down - 1; y += step) {
    for (let x = 1; x < across - 1; x += step) {
      const [cb, cr] = chroma(x, y);
      const light = luma(x * 2, y * 2);
      const [in709, in601] = [outside("bt709", light, cb, cr), outside("bt601", light, cb, cr)];
      if (Math.max(in709, in601) < OUTSIDE || Math.min(in709, in601) > NEARLY_INSIDE) continue;
      const flat = [-1, 1].every((by) => {
        const [[cbX, crX], [cbY, crY]] = [chroma(x + by, y), chroma(x, y + by)];
        const lights = [luma((x + by) * 2, y * 2), luma(x * 2, (y + by) * 2)];
        return near(cbX, cb) && near(cbY, cb) && near(crX, cr) && near(crY, cr) && lights.every((l) => near(l, light));
      });
      if (flat) votes[in709 > in601 ? "bt601" : "bt709"]++;
    }
  }
  if (votes.bt709 + votes.bt601 < PLACES) return null;
  if (votes.bt601 >= votes.bt709 * 10) return "bt601";
  return votes.bt709 >= votes.bt601 * 10 ? "bt709" : null;
}

/** A drawing whose edges a GPU smooths in another way than Skia on the CPU does. */
function drawing(software: boolean): Uint8ClampedArray {
  const context = new OffscreenCanvas(SIDE, SIDE).getContext("2d", { willReadFrequently: software });
  if (!context) return new Uint8ClampedArray();
  context.lineWidth = 2.3;
  for (let ring = 0; ring < 6; ring++) {
    context.strokeStyle = `hsl(${ring * 60} 90% 40%)`;
    context.beginPath();
    context.ellipse(SIDE / 2 + 0.3, SIDE / 2 - 0.3, 6.7 + 6 * ring, 4.1 + 5 * ring, ring * 0.37, 0, 6.2);
    context.stroke();
  }
  return context.getImageData(0, 0, SIDE, SIDE).data;
}

/**
 * Whether Chrome composites by GPU here: it draws an ordinary canvas by GPU exactly then. One that is said to be read often it always
 * draws by CPU, to the same pixels if the other one was too.
 */
function compositesByGpu(): boolean {
  const [usual, software] = [drawing(false), drawing(true)];
  return usual.some((level, index) => level !== software[index]);
}

let known: ColourMatrix | null = null;

/** The matrix of what this browser captures, as far as is known now. */
export function capturedMatrix(): ColourMatrix {
  known ??= compositesByGpu() ? "bt709" : "bt601";
  return known;
}

/** Looks at a captured frame; `true`: it shows that {@link capturedMatrix} was wrong, which is right from now on. */
export async function correctMatrix(frame: VideoFrame): Promise<boolean> {
  const { format, codedWidth, codedHeight } = frame;
  if ((format !== "I420" && format !== "NV12") || codedWidth % 2 !== 0 || codedHeight % 2 !== 0) return false;
  const rect = { x: 0, y: 0, width: codedWidth, height: codedHeight };
  const data = new Uint8Array(frame.allocationSize({ rect }));
  await frame.copyTo(data, { rect });
  const shown = matrixOfPicture({ format, width: codedWidth, height: codedHeight, data });
  if (shown === null || shown === capturedMatrix()) return false;
  known = shown;
  return true;
}
