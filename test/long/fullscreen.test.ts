// A page that goes fullscreen, as video players do, in a headless browser: all four corners of it are in the picture.
import { afterEach, expect, test } from "vitest";
import { FlyBrowser, type StartStreamOptions } from "../../sdk/index.ts";
import { untilMore } from "../e2e/harness/hls.ts";
import { run } from "../e2e/harness/run.ts";
import { until } from "../e2e/harness/until.ts";

let browser: FlyBrowser;
afterEach(() => browser?.close());

const corner = (place: string, colour: string) =>
  `<i style="position:absolute;${place};width:25%;height:25%;background:${colour}"></i>`;
const PAGE = `<!doctype html><body style="margin:0;background:#888">
<div id=whole style="background:#fff;width:300px;height:200px;position:relative">
${corner("left:0;top:0", "#f00")}${corner("right:0;top:0", "#0f0")}${corner("left:0;bottom:0", "#00f")}${corner("right:0;bottom:0", "#000")}
<button style="position:absolute;left:45%;top:45%" onclick="whole.requestFullscreen()">Fullscreen</button></div>`;

/** Pixels a side of the picture that is looked at. */
const SIDE = 20;

/** The corners of the last picture, each as three bits of red, green and blue. */
async function corners(hls_url: string): Promise<string[]> {
  const filters = `scale=${SIDE}:${SIDE}:flags=area,format=rgb24`;
  const { stdout } = await run("ffmpeg", ["-v", "quiet", "-i", hls_url, "-an", "-vf", filters, "-f", "rawvideo", "-"]);
  const picture = stdout.subarray(-SIDE * SIDE * 3);
  return [1, SIDE - 2].flatMap((y) =>
    [1, SIDE - 2].map((x) => {
      const at = (y * SIDE + x) * 3;
      return [...picture.subarray(at, at + 3)].map((value) => (value > 128 ? 1 : 0)).join("");
    }),
  );
}

test.each<[string, { width: number; height: number }, StartStreamOptions]>([
  ["the usual viewport", { width: 1280, height: 720 }, {}],
  ["another shape", { width: 900, height: 700 }, {}],
  ["an upright one", { width: 390, height: 844 }, {}],
  ["another shape, with the size of the stream named", { width: 900, height: 700 }, { width: 900, height: 700 }],
])("%s", async (_, viewport, options) => {
  browser = await FlyBrowser.launch({ viewport });
  const { page } = browser;
  await page.goto(`data:text/html,${encodeURIComponent(PAGE)}`);
  const { hls_url } = await browser.startStream({ ...options, renditions: "source" });
  await page.click("button");
  await until("it is fullscreen", () => page.evaluate(() => document.fullscreenElement !== null && innerWidth > 0));
  await untilMore(new URL("video.m3u8", hls_url ?? "").href, 3);
  const { status } = await browser.getStreamStatus();
  expect(status).toMatchObject(viewport);
  await browser.stopStream();
  expect(await corners(new URL("video.m3u8", hls_url ?? "").href)).toEqual(["100", "010", "001", "000"]);
});
