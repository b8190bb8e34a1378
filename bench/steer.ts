// `npm run steer`: how long it takes a person who has taken over from a press in the player until they see what it did, by WebRTC: the page
// turns black or white at each press, and the player's own picture is looked at.
import { FlyBrowser } from "../sdk/index.ts";
import { openViewer } from "../test/e2e/harness/viewer.ts";
import { percentile } from "./statistics.ts";

/** Presses that are measured. */
const PRESSES = 100;

const PAGE = `<title>Steer</title><body style="margin: 0; height: 100vh; background: #000"><script>
  let white = false;
  addEventListener("mousedown", () => document.body.style.background = (white = !white) ? "#fff" : "#000");
</script>`;

/** In the player; as text, since bundlers put calls into functions that the page doesn't have. Gives the ms of each press; -1: over 3 s. */
const MEASURE = `(async () => {
  const video = document.querySelector("video");
  const surface = document.querySelector(".control-place");
  const context = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
  const isWhite = () => {
    context.drawImage(video, video.videoWidth / 2, video.videoHeight / 2, 1, 1, 0, 0, 1, 1);
    return context.getImageData(0, 0, 1, 1).data[0] > 128;
  };
  const box = video.getBoundingClientRect();
  const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true, detail: 1 };
  const all = [];
  for (let press = 0; press < ${PRESSES}; press++) {
    const before = isWhite();
    const began = performance.now();
    surface.dispatchEvent(new MouseEvent("mousedown", { ...at, buttons: 1 }));
    dispatchEvent(new MouseEvent("mouseup", at));
    all.push(await new Promise((seen) => {
      const look = () => {
        const took = performance.now() - began;
        if (isWhite() !== before) seen(took);
        else if (took > 3000) seen(-1);
        else video.requestVideoFrameCallback(look);
      };
      video.requestVideoFrameCallback(look);
    }));
    await new Promise((later) => setTimeout(later, 150 + Math.random() * 200));
  }
  return { protocol: document.querySelector(".player").dataset.protocol, all };
})()`;

await using browser = await FlyBrowser.launch();
await browser.page.setContent(PAGE);
await browser.startStream({ quality: "ultra_low_latency", allow_control: true });
const { player_url } = await browser.createLink({ allow: "control" });
const viewer = await openViewer(player_url);
try {
  await (await viewer.page.waitForSelector(".take-over .strong"))?.click();
  await viewer.page.waitForSelector(".player[data-control=yours][data-protocol=webrtc]");
  await viewer.page.waitForFunction(() => (document.querySelector("video")?.videoWidth ?? 0) > 0);
  const { protocol, all } = (await viewer.page.evaluate(MEASURE)) as { protocol: string; all: number[] };
  const seen = all.filter((took) => took >= 0);
  const figure = (share: number) => `${percentile(seen, share).toFixed(0)} ms`;
  console.log(
    `${protocol}: input to picture, median ${figure(0.5)}, 95 of 100 within ${figure(0.95)}, ${seen.length} of ${all.length} presses seen`,
  );
  process.exitCode = seen.length === all.length ? 0 : 1;
} finally {
  await viewer.close();
}
