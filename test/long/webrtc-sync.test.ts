// Sound and picture by WebRTC, as a viewer sees and hears them: the page beeps at each whole second and paints the time.
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { COLUMNS, ROWS, readPattern } from "../e2e/harness/pattern.ts";
import { until } from "../e2e/harness/until.ts";
import { WhepViewer } from "../e2e/harness/whep-viewer.ts";

/** What a viewer notices (ITU-R BT.1359): sound 45 ms early to 125 ms late. */
const EARLY = -45;
const LATE = 125;

let pages: Pages;
let browser: FlyBrowser;
let client: WhepViewer;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  client = await WhepViewer.open(pages.url("form.html"));
});
afterAll(async () => {
  await client?.close();
  await browser?.close();
  await pages?.close();
});

interface Noted {
  /** When a picture was shown (ms since 1970), and its cells. */
  readonly pictures: [number, number[]][];
  /** When a beep was heard, ms since 1970. */
  readonly beeps: number[];
}

const middle = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

test("belong together", async () => {
  await browser.goto(pages.url("pattern.html?smooth"));
  const started = await browser.startStream({ quality: "ultra_low_latency" });
  const { index } = await client.connect(started.whep_url ?? "");
  await until("pictures", async () => (await client.stats(index)).frames > 60);
  await client.page.evaluate(note, `v${index}`, COLUMNS, ROWS);
  const noted = () => client.page.evaluate("window.noted") as Promise<Noted>;
  await until("20 beeps", async () => (await noted()).beeps.length >= 20, 60_000);
  const { pictures, beeps } = await noted();
  const seen = pictures.flatMap(([at, cells]) => {
    const read = readPattern(Uint8Array.from(cells));
    return read ? [at - read.time] : [];
  });
  const picture = middle(seen);
  const sound = middle(beeps.map((at) => ((at % 1000) + 1000) % 1000));
  process.stdout.write(
    `By WebRTC the picture is ${picture.toFixed(0)} ms old, the sound ${sound.toFixed(0)} ms (middle of ${seen.length} and ${beeps.length})\n`,
  );
  expect(sound - picture).toBeGreaterThan(EARLY);
  expect(sound - picture).toBeLessThan(LATE);
});

/** In the viewer's page: notes each picture shown, and each beginning of a beep. */
function note(id: string, columns: number, rows: number): void {
  const video = document.getElementById(id) as HTMLVideoElement;
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
    audio.createMediaStreamSource(video.srcObject as MediaStream).connect(onset);
    onset.connect(audio.destination);
  });
}
