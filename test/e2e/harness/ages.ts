// Sound and picture as a viewer sees and hears them: how old each is when it comes out of a <video> that shows the pattern page, which beeps at
// each whole second and paints the time.
import type { Page } from "puppeteer-core";
import { COLUMNS, ROWS, readPattern } from "./pattern.ts";
import { until } from "./until.ts";

/** What a viewer notices (ITU-R BT.1359), ms: sound so much early, or late. */
export const EARLY = -45;
export const LATE = 125;

interface Noted {
  /** When a picture was shown (ms since 1970), and its cells. */
  readonly pictures: [number, number[]][];
  /** When a beep was heard, ms since 1970. */
  readonly beeps: number[];
}

/** The ages in ms, in the middle. */
export interface Ages {
  readonly picture: number;
  readonly sound: number;
  /**
   * How much later the sound comes than its picture, -500 to 500 ms: each beep beside the pictures of that moment. The player
   * may be slower or faster than the stream for seconds (6 %), so that `sound - picture` compares different moments.
   */
  readonly late: number;
  /** Of how many pictures and beeps. */
  readonly pictures: number;
  readonly beeps: number;
}

/** ms; pictures so far from a beep are compared with it. */
const BESIDE = 250;

const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Looks and listens for `beeps` beeps; the sound has to be on. `selector`: of the <video>. Once a page. */
export async function agesAt(page: Page, selector: string, beeps: number): Promise<Ages> {
  await page.evaluate(note, selector, COLUMNS, ROWS);
  const noted = () => page.evaluate("window.noted") as Promise<Noted>;
  await until(`${beeps} beeps`, async () => (await noted()).beeps.length >= beeps, beeps * 3_000);
  const found = await noted();
  const seen = found.pictures.flatMap(([at, cells]) => {
    const read = readPattern(Uint8Array.from(cells));
    return read ? [{ at, age: at - read.time }] : [];
  });
  const agesOf = (pictures: typeof seen) => pictures.map(({ age }) => age);
  const heard = found.beeps.map((at) => ((at % 1000) + 1000) % 1000);
  const late = found.beeps.flatMap((at) => {
    // As many pictures before as after it; where some are missing, the moments differ by half of that.
    const beside = agesOf(seen.filter((picture) => Math.abs(picture.at - at) < BESIDE));
    return beside.length > 0 ? [((((at - middle(beside)) % 1000) + 1500) % 1000) - 500] : []; // beeps tell the time to a second
  });
  const counts = { pictures: seen.length, beeps: heard.length };
  return { picture: middle(agesOf(seen)), sound: middle(heard), late: middle(late), ...counts };
}

/** In the viewer's page: notes each picture shown, and each beginning of a beep. */
function note(selector: string, columns: number, rows: number): void {
  const video = document.querySelector(selector) as HTMLVideoElement;
  const noted: Noted = { pictures: [], beeps: [] };
  Object.assign(window, { noted });
  const canvas = new OffscreenCanvas(columns, rows);
  const context = canvas.getContext("2d", { willReadFrequently: true }) as OffscreenCanvasRenderingContext2D;
  const look = (_: number, { expectedDisplayTime }: VideoFrameCallbackMetadata) => {
    // The middle of each cell: drawn small, neighbours would mix.
    const [width, height] = [video.videoWidth / columns, video.videoHeight / rows];
    for (let cell = 0; cell < columns * rows; cell++) {
      const [x, y] = [cell % columns, Math.floor(cell / columns)];
      context.drawImage(video, (x + 0.4) * width, (y + 0.4) * height, width * 0.2, height * 0.2, x, y, 1, 1);
    }
    const { data } = context.getImageData(0, 0, columns, rows);
    const cells = Array.from({ length: columns * rows }, (_each, cell) => data[cell * 4] ?? 0);
    noted.pictures.push([performance.timeOrigin + expectedDisplayTime, cells]);
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  const audio = new AudioContext();
  const worklet = `registerProcessor("onset", class extends AudioWorkletProcessor {
    quiet = 0;
    process([[samples]]) {
      if (!samples) return true;
      const at = samples.findIndex((sample) => Math.abs(sample) > 0.15);
      if (at >= 0 && this.quiet > sampleRate / 2) this.port.postMessage(currentTime + at / sampleRate);
      this.quiet = at >= 0 ? 0 : this.quiet + samples.length;
      return true;
    }
  });`;
  void audio.audioWorklet.addModule(URL.createObjectURL(new Blob([worklet], { type: "text/javascript" }))).then(() => {
    const onset = new AudioWorkletNode(audio, "onset");
    onset.port.onmessage = ({ data }) => {
      const { contextTime = 0, performanceTime = 0 } = audio.getOutputTimestamp();
      noted.beeps.push(performance.timeOrigin + performanceTime + ((data as number) - contextTime) * 1000);
    };
    const { srcObject } = video;
    const source =
      srcObject instanceof MediaStream
        ? audio.createMediaStreamSource(srcObject)
        : audio.createMediaElementSource(video);
    source.connect(onset);
    onset.connect(audio.destination);
  });
}
