// The WebRTC viewers of the cost section, in programs of the bench that aren't counted: the first watches in the player and reads the pattern
// back, four in all are in its browser; those beyond only receive, without decoding.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import type { Browser, Page } from "puppeteer-core";
import { LATE, sleep, timeout } from "../../protocol/async.ts";
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
/** Viewers that decode. */
const IN_BROWSER = 4;

/** A frame that the first viewer has shown: stamp (ms) and number of its pattern, and its age then, ms. */
export interface ShownFrame {
  readonly time: number;
  readonly frame: number;
  readonly latency: number;
}

type Receivers = ChildProcessByStdio<Writable, Readable, null>;

/** Viewers that watch. */
export class WebRtcViewers {
  readonly #browser: Browser;
  readonly #page: Page;
  #receivers: Receivers | null = null;

  private constructor(browser: Browser, page: Page) {
    this.#browser = browser;
    this.#page = page;
  }

  /** Opens them; all of them get frames. @throws Error when one doesn't within 20 s. */
  static async open({ player_url, whep_url, count }: WebRtcAudience): Promise<WebRtcViewers> {
    const reader = await bundle("bench/pattern/reader.ts");
    const browser = await launchBrowser();
    const decoding = Math.min(count, IN_BROWSER);
    let viewers: WebRtcViewers | null = null;
    try {
      const page = await browser.newPage();
      await page.evaluateOnNewDocument(reader);
      await page.goto(`${player_url}?protocol=webrtc`, { waitUntil: "domcontentloaded", timeout: CONNECT_TIMEOUT });
      viewers = new WebRtcViewers(browser, page);
      await viewers.#firstFrame();
      for (let other = 1; other < decoding; other++) await page.evaluate(receive, whep_url, CONNECT_TIMEOUT);
      if (count > decoding) await viewers.#openReceivers(whep_url, count - decoding);
      return viewers;
    } catch (error) {
      await (viewers ?? browser).close();
      throw error;
    }
  }

  /** The frames that the first one has shown since this was last asked. */
  async frames(): Promise<ShownFrame[]> {
    const way = await this.#page.evaluate(() =>
      document.querySelector("[data-protocol]")?.getAttribute("data-protocol"),
    );
    if (way !== "webrtc") throw new Error(`the player fell back to ${way}`);
    const { seen } = await this.#page.evaluate(() => window.takeReading());
    return seen.map(([frame, time, , latency]) => ({ time, frame, latency }));
  }

  /** Idempotent. */
  async close(): Promise<void> {
    this.#receivers?.kill("SIGKILL");
    await this.#browser.close();
  }

  async #openReceivers(whep_url: string, count: number): Promise<void> {
    const program = [join(import.meta.dirname, "receivers.ts"), whep_url, String(count)];
    const receivers = spawn(process.execPath, ["--import", "tsx", ...program], { stdio: ["pipe", "pipe", "inherit"] });
    this.#receivers = receivers;
    const line = await timeout(
      createInterface({ input: receivers.stdout })[Symbol.asyncIterator]().next(),
      3 * CONNECT_TIMEOUT,
    );
    if (line === LATE || line.value !== "ready") throw new Error(line === LATE ? "the receivers are late" : line.value);
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
