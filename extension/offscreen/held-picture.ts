// Pictures that are shown at times of our choosing: of a frame that is shown once more, or the neutral one of private time.

/** Pixels of a picture. A copy of a frame would keep its time of capture, and be recorded at that. */
export interface HeldPicture {
  readonly pixels: Uint8Array<ArrayBuffer>;
  readonly layout: Omit<VideoFrameBufferInit, "timestamp">;
}

/** Luma of the neutral picture's ground and word, limited range. */
const GROUND = 44;
const WORD = 190;
/** Share of the picture's height, and of its width per letter, that the word takes. */
const WORD_SIZE = { height: 0.1, width: 0.12 } as const;

/** Copies the pixels of a frame. Rejects where they can't be read. */
export async function heldPicture(frame: VideoFrame): Promise<HeldPicture> {
  const { format, codedWidth, codedHeight, displayWidth, displayHeight, colorSpace } = frame;
  if (format === null) throw new TypeError("the pixels of the frame can't be read");
  const { width, height } = frame.visibleRect ?? { width: codedWidth, height: codedHeight };
  const pixels = new Uint8Array(frame.allocationSize());
  const planes = await frame.copyTo(pixels);
  const size = { codedWidth: width, codedHeight: height, displayWidth, displayHeight };
  return { pixels, layout: { format, ...size, colorSpace: colorSpace.toJSON(), layout: planes } };
}

/** A grey picture with a word in its middle; `width`, `height`: px. Grey is the same in every matrix. */
export function neutralPicture(word: string, width: number, height: number): HeldPicture {
  const [half_width, half_height] = [Math.ceil(width / 2), Math.ceil(height / 2)];
  const pixels = new Uint8Array(width * height + 2 * half_width * half_height);
  pixels.fill(GROUND, 0, width * height);
  pixels.fill(128, width * height);
  const drawing = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (drawing) {
    const size = Math.round(Math.min(height * WORD_SIZE.height, width * WORD_SIZE.width));
    Object.assign(drawing, {
      font: `500 ${size}px system-ui, sans-serif`,
      textAlign: "center",
      textBaseline: "middle",
    });
    drawing.fillText(word, width / 2, height / 2);
    const { data } = drawing.getImageData(0, 0, width, height);
    for (let at = 0; at < width * height; at++) {
      const alpha = (data[4 * at + 3] ?? 0) / 255;
      if (alpha > 0) pixels[at] = Math.round(GROUND + (WORD - GROUND) * alpha);
    }
  }
  const colorSpace = { primaries: "bt709", transfer: "bt709", matrix: "bt709", fullRange: false } as const;
  const size = { codedWidth: width, codedHeight: height, displayWidth: width, displayHeight: height };
  return { pixels, layout: { format: "I420", ...size, colorSpace } };
}

/**
 * A frame with these pixels, in a copy of their own: MediaRecorder counts a frame as under way until its pixels are let go, and stops at
 * ten. `timestamp`: µs of the track.
 */
export function frameOf({ pixels, layout }: HeldPicture, timestamp: number): VideoFrame {
  return new VideoFrame(pixels, { ...layout, timestamp });
}
