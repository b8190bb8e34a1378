import { FlyBrowser } from "./sdk/index.ts";
import { servePages } from "./test/e2e/harness/pages.ts";
import { openViewer, untilPlays } from "./test/e2e/harness/viewer.ts";
import { WhepViewer } from "./test/e2e/harness/whep-viewer.ts";
const pages = await servePages();
const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
try {
await browser.goto(pages.url("pattern.html"));
const started = await browser.startStream({ quality: "ultra_low_latency" });
const client = await WhepViewer.open(pages.url("form.html"));
const out = await client.connect(started.whep_url ?? "");
console.log(await client.page.evaluate("window.clients[0].localDescription.sdp"));
console.log(out.body);
await new Promise(r => setTimeout(r, 4000));
console.log(await client.stats(out.index));
console.log(await client.page.evaluate(`(async () => { const v = document.querySelector('video'); return await new Promise(r => v.requestVideoFrameCallback((n, m) => r(JSON.stringify(m)))); })()`));
await client.close();
} finally { await browser.close(); await pages.close(); }
