// `npm run steer`: how long it takes a person who has taken over from a press in the player until they see what it did, by WebRTC: the page
// turns black or white at each press, and the player's own picture is looked at. By turns with the data channel and with the socket alone.
import { FlyBrowser } from "../sdk/index.ts";
import { openViewer, type Viewer } from "../test/e2e/harness/viewer.ts";
import { percentile } from "./statistics.ts";

/** Presses that are measured in each round, and rounds of each way: others' work on the machine is to fall on both. */
const PRESSES = 25;
const ROUNDS = 4;
const WAYS = ["data channel", "socket"] as const;
type Way = (typeof WAYS)[number];

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
  return all;
})()`;

/** A player that has no data channel: one that never opens. */
const SOCKET_ALONE = `RTCPeerConnection.prototype.createDataChannel = () => ({ readyState: "connecting", close() {} });`;

await using browser = await FlyBrowser.launch();
await browser.page.setContent(PAGE);
await browser.startStream({ quality: "ultra_low_latency", allow_control: true });
const { player_url } = await browser.createLink({ allow: "control" });

/** Takes over by one of the ways, and gives the ms of each press. */
async function measure(viewer: Viewer, way: Way): Promise<number[]> {
  const { page } = viewer;
  const bySocket: string[] = [];
  const session = await page.createCDPSession();
  await session.send("Network.enable");
  session.on("Network.webSocketFrameSent", ({ response }) => bySocket.push(response.payloadData));
  await (await page.waitForSelector(".take-over .strong"))?.click();
  await page.waitForSelector(".player[data-control=yours][data-protocol=webrtc]");
  await page.waitForFunction(() => (document.querySelector("video")?.videoWidth ?? 0) > 0);
  await page.mouse.move(300, 200); // the first input asks for the channel
  await page.mouse.move(310, 200);
  await new Promise((later) => setTimeout(later, 500));
  bySocket.length = 0;
  const all = (await page.evaluate(MEASURE)) as number[];
  const came = bySocket.some((text) => text.includes('"input"')) ? "socket" : "data channel";
  if (came !== way) throw new Error(`it went by the ${came}, not by the ${way}`);
  await (await page.waitForSelector(".take-over .strong"))?.click();
  await page.waitForSelector(".player[data-control=open]");
  return all;
}

const took: Record<Way, number[]> = { "data channel": [], socket: [] };
const viewers: Viewer[] = [];
try {
  for (const way of WAYS) {
    const viewer = await openViewer(player_url);
    viewers.push(viewer);
    if (way === "data channel") continue;
    await viewer.page.evaluateOnNewDocument(SOCKET_ALONE);
    await viewer.page.reload();
  }
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, way] of WAYS.entries()) took[way].push(...(await measure(viewers[index] as Viewer, way)));
  }
  for (const way of WAYS) {
    const seen = took[way].filter((ms) => ms >= 0);
    const figure = (share: number) => `${percentile(seen, share).toFixed(0)} ms`;
    console.log(
      `WebRTC, by the ${way}: input to picture, median ${figure(0.5)}, 95 of 100 within ${figure(0.95)}, ${seen.length} of ${took[way].length} presses seen`,
    );
    if (seen.length < took[way].length) process.exitCode = 1;
  }
} finally {
  for (const viewer of viewers) await viewer.close();
}
