// Tabs of odd sides, and of more pixels than CSS has: what comes of them by HLS and WebRTC has no black at its edges, and every pixel.
import { afterEach, expect, test } from "vitest";
import { FlyBrowser, type LaunchOptions, type StartStreamOptions } from "../../sdk/index.ts";
import { untilMore } from "../e2e/harness/hls.ts";
import { servePages } from "../e2e/harness/pages.ts";
import { run } from "../e2e/harness/run.ts";
import { WhepViewer } from "../e2e/harness/whep-viewer.ts";

let browser: FlyBrowser;
afterEach(() => browser?.close());

/** White, with stripes of one device pixel in its middle. */
const PAGE = `<!doctype html><body style="margin:0;background:#fff;overflow:hidden"><canvas style="width:100vw;height:100vh;display:block"></canvas><script>
const canvas = document.querySelector("canvas");
canvas.width = Math.round(innerWidth * devicePixelRatio);
canvas.height = Math.round(innerHeight * devicePixelRatio);
const context = canvas.getContext("2d");
context.fillStyle = "#fff";
context.fillRect(0, 0, canvas.width, canvas.height);
context.fillStyle = "#000";
for (let x = 100; x < 200; x += 2) context.fillRect(x, 100, 1, 100);
</script>`;

async function lastPicture(playlist: string, width: number, height: number): Promise<Uint8Array> {
  const raw = ["-an", "-vsync", "0", "-frames:v", "30", "-vf", "format=gray", "-f", "rawvideo", "-"];
  const { stdout } = await run("ffmpeg", ["-v", "quiet", "-i", playlist, ...raw]);
  return stdout.subarray(-width * height);
}

async function streamed(launch: LaunchOptions, options: StartStreamOptions) {
  browser = await FlyBrowser.launch(launch);
  await browser.goto(`data:text/html,${encodeURIComponent(PAGE)}`);
  const { hls_url, whep_url } = await browser.startStream({ ...options, renditions: "source" });
  const playlist = new URL("video.m3u8", hls_url ?? "").href;
  await untilMore(playlist, 2);
  const answer = await browser.getStreamStatus();
  if (!answer.active) throw new Error(answer.error);
  const { width, height } = answer.status;
  const picture = await lastPicture(playlist, width, height);
  const at = (x: number, y: number) => picture[y * width + x] ?? 0;
  const edges = {
    left: at(0, height >> 1),
    right: at(width - 1, height >> 1),
    top: at(width >> 1, 0),
    bottom: at(width >> 1, height - 1),
  };
  return { width, height, at, edges, whep_url };
}

test.each([
  [{ width: 1281, height: 721 }, "high"],
  [{ width: 393, height: 851 }, "medium"],
  [{ width: 1280, height: 720 }, "low_bandwidth"],
] as const)("a tab of %o at %s has no black at its edges", async (viewport, quality) => {
  const { edges, width, height, whep_url } = await streamed({ viewport }, { quality });
  for (const [edge, luma] of Object.entries(edges)) expect(luma, edge).toBeGreaterThan(200);
  expect(Math.abs(width / height - viewport.width / viewport.height)).toBeLessThan(0.01);
  const pages = await servePages();
  const client = await WhepViewer.open(pages.url("form.html"));
  try {
    const { index } = await client.connect(whep_url ?? "");
    await expect.poll(async () => (await client.stats(index)).width, { timeout: 20_000 }).toBe(width);
  } finally {
    await client.close();
    await pages.close();
  }
});

test("a factor of device pixels comes whole", async () => {
  const viewport = { width: 400, height: 300, device_scale_factor: 2 };
  const { width, height, at, edges } = await streamed({ viewport }, { quality: "high" });
  expect({ width, height }).toEqual({ width: 800, height: 600 });
  for (const luma of Object.values(edges)) expect(luma).toBeGreaterThan(200);
  const stripes = Array.from({ length: 80 }, (_, x) => Math.abs(at(110 + x, 150) - at(111 + x, 150)));
  expect(stripes.reduce((sum, each) => sum + each, 0) / stripes.length).toBeGreaterThan(150);
});
