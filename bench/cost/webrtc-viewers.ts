// The WebRTC viewers of the cost section, in a browser of the bench that isn't counted: the first watches in the player and reads
// the pattern back, the others only receive.
import type { Browser, Page } from "puppeteer-core";
import { sleep } from "../../protocol/async.ts";
import { launchBrowser } from "../browser.ts";
import { bundle } from "../pattern/bundle.ts";

/** What a subject wants to have watched. */
export interface WebRtcAudience {
  readonly player_url: string;
  readonly whep_url: string;
  /** Viewers in all. */
  readonly count: number;
}

const CONNECT_TIMEOUT = 20_000;

/** Viewers that watch. */
export class WebRtcViewers {
  readonly #browser: Browser;
  readonly #page: Page;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.#page = page;
  }

  /** Opens them; all of them get frames. @throws Error when one doesn't within 20 s. */
  static async open({ player_url, whep_url, count }: WebRtcAudience): Promise<WebRtcViewers> {
    const reader = await bundle("bench/pattern/reader.ts");
    const browser = await launchBrowser();
    try {
      const page = await browser.newPage();
      await page.evaluateOnNewDocument(reader);
      await page.goto(`${player_url}?protocol=webrtc`, { waitUntil: "domcontentloaded", timeout: CONNECT_TIMEOUT });
      const viewers = new WebRtcViewers(browser, page);
      await viewers.#firstFrame();
      for (let other = 1; other < count; other++) await page.evaluate(receive, whep_url, CONNECT_TIMEOUT);
      return viewers;
    } catch (error) {
      await browser.close();
      throw error;
    }
  }

  /** The frames that the first one has shown since this was last asked: their stamp (ms) and number. */
  async frames(): Promise<{ time: number; frame: number }[]> {
    const way = await this.#page.evaluate(() =>
      document.querySelector("[data-protocol]")?.getAttribute("data-protocol"),
    );
    if (way !== "webrtc") throw new Error(`the player fell back to ${way}`);
    return (await this.#page.evaluate(() => window.takeReading())).seen.map(([frame, time]) => ({ time, frame }));
  }

  /** Idempotent. */
  async close(): Promise<void> {
    await this.#browser.close();
  }

  async #firstFrame(): Promise<void> {
    const end = Date.now() + CONNECT_TIMEOUT;
    while ((await this.#page.evaluate(() => window.takeReading())).seen.length === 0) {
      if (Date.now() > end) throw new Error(`no frame by WebRTC within ${CONNECT_TIMEOUT / 1000} s`);
      await sleep(250);
    }
  }
}

/** Runs in the page: one more viewer (WHEP), which has its first frame when this resolves. */
async function receive(whepUrl: string, timeout: number): Promise<void> {
  const peer = new RTCPeerConnection();
  peer.addTransceiver("video", { direction: "recvonly" });
  peer.addTransceiver("audio", { direction: "recvonly" });
  await peer.setLocalDescription();
  const headers = { "content-type": "application/sdp" };
  const answer = await fetch(whepUrl, { method: "POST", headers, body: peer.localDescription?.sdp ?? "" });
  if (!answer.ok) throw new Error(`the next viewer was refused: ${answer.status} ${await answer.text()}`);
  await peer.setRemoteDescription({ type: "answer", sdp: await answer.text() });
  const end = performance.now() + timeout;
  for (;;) {
    const reports = [...(await peer.getStats()).values()];
    if (
      reports.some(({ type, kind, framesDecoded }) => type === "inbound-rtp" && kind === "video" && framesDecoded > 0)
    )
      return;
    if (performance.now() > end) throw new Error("the next viewer got no frame");
    await new Promise((done) => setTimeout(done, 250));
  }
}
