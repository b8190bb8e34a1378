// One cell of the matrix: a stream of the page of a browser, probed, played in that browser, measured. Never judges it.
import { setTimeout as sleep } from "node:timers/promises";
import type { FlyBrowser, StartStreamOptions } from "../../../sdk/index.ts";
import { probe } from "./media.ts";

/** s of stream before it is measured. */
const SECONDS = 4;

/** What was found. */
export interface Cell {
  readonly options: StartStreamOptions;
  /** Why there is no stream; `null`: there is one. */
  readonly refused: string | null;
  readonly encoder: string;
  readonly width: number;
  readonly height: number;
  /** Frames a second that were asked for. */
  readonly frame_rate: number;
  readonly fps: number | null;
  /** bit/s of picture and sound. */
  readonly bitrate: number | null;
  /** What ffprobe saw. */
  readonly probed: string;
  /** Whether Chromium can play it, and did. */
  readonly played: string;
}

/** Plays the newest segments of a playlist in a page by Media Source Extensions; gives the picture's size, or what went wrong. */
export async function play(browser: FlyBrowser, hls_url: string): Promise<string> {
  const multivariant = await (await fetch(hls_url)).text();
  const codec = /CODECS="([^",]+)/.exec(multivariant)?.[1] ?? "none";
  const playlist = new URL(/^[^#\s].*m3u8.*$/m.exec(multivariant)?.[0] ?? "video.m3u8", hls_url).href;
  const page = await browser.page.browser().newPage();
  try {
    await page.goto(hls_url.replace("index.m3u8", "time")); // a page of the same origin
    const outcome = await page.evaluate(
      async (address: string, type: string) => {
        if (!MediaSource.isTypeSupported(type)) return "this Chromium has no decoder for it";
        const text = await (await fetch(address)).text();
        const map = /EXT-X-MAP:URI="([^"]+)"/.exec(text)?.[1] ?? "";
        const segments = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
        const video = document.createElement("video");
        const source = new MediaSource();
        video.muted = true;
        video.src = URL.createObjectURL(source);
        await new Promise((open) => source.addEventListener("sourceopen", open, { once: true }));
        const buffer = source.addSourceBuffer(type);
        for (const name of [map, ...segments.slice(-2)]) {
          buffer.appendBuffer(await (await fetch(new URL(name, address))).arrayBuffer());
          await new Promise((done) => buffer.addEventListener("updateend", done, { once: true }));
        }
        document.body.replaceChildren(video);
        video.currentTime = buffer.buffered.length > 0 ? buffer.buffered.start(0) : 0;
        const late = new Promise<string>((resolve) => {
          setTimeout(() => resolve(`no picture within 10 s (ready state ${video.readyState})`), 10_000);
        });
        const shown = new Promise<string>((resolve) => {
          video.requestVideoFrameCallback(() => resolve(`played ${video.videoWidth}×${video.videoHeight}`));
          video.play().catch(() => {}); // a failure shows as an error or as no picture
          video.addEventListener("error", () => resolve(`error: ${video.error?.message}`));
        });
        return Promise.race([shown, late]);
      },
      playlist,
      `video/mp4; codecs="${codec}"`,
    );
    return `\`${codec}\` ${outcome}`;
  } finally {
    await page.close();
  }
}

/** Streams, measures, stops. */
export async function measureCell(browser: FlyBrowser, options: StartStreamOptions): Promise<Cell> {
  const none = { encoder: "", width: 0, height: 0, frame_rate: 0, fps: null, bitrate: null, probed: "", played: "" };
  try {
    const started = await browser.startStream(options);
    await sleep(SECONDS * 1000); // the window of the figures
    const status = await browser.getStreamStatus();
    if (!status.active) throw new Error(status.error);
    const { encoder, width, height, frame_rate, metrics } = status.status;
    const address = options.protocol === "dash" ? started.dash_url : started.hls_url;
    const streams = await probe(address ?? "");
    const probed = streams
      .map(({ codec_name, width: w, height: h }) => (w ? `${codec_name} ${w}×${h}` : codec_name))
      .join(", ");
    const played = await play(browser, started.hls_url ?? "");
    const { current_fps: fps, current_bitrate: bitrate } = metrics;
    return { options, refused: null, encoder, width, height, frame_rate, fps, bitrate, probed, played };
  } catch (thrown) {
    return { options, refused: thrown instanceof Error ? thrown.message : String(thrown), ...none };
  } finally {
    await browser.stopStream();
    await browser.page.bringToFront();
  }
}
