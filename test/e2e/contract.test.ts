// The contract of startStream in a real tab: codecs, sizes and rates. The cap: test/long/contract.test.ts; again and again: test/long/start-stop.test.ts.
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser, type StartStreamOptions, type StartStreamResult } from "../../sdk/index.ts";
import { play } from "./harness/cell.ts";
import { probe } from "./harness/media.ts";
import { type Pages, servePages } from "./harness/pages.ts";
import { until } from "./harness/until.ts";

let pages: Pages;
let browser: FlyBrowser;

beforeAll(async () => {
  pages = await servePages();
  browser = await FlyBrowser.launch();
});

afterAll(async () => {
  await browser?.close();
  await pages?.close();
});

/** Streams for as long as `act` takes, then stops. */
async function streamed<T>(options: StartStreamOptions, act: (started: StartStreamResult) => Promise<T>): Promise<T> {
  const started = await browser.startStream(options);
  try {
    return await act(started);
  } finally {
    await browser.stopStream();
  }
}

/** Waits until a stream has so many seconds. */
const lasts = (seconds: number) =>
  until(
    `${seconds} s of stream`,
    async () => {
      const status = await browser.getStreamStatus();
      if (!status.active) throw new Error(status.error);
      return (status.status.metrics.frames_sent ?? 0) / status.status.frame_rate >= seconds && status.status;
    },
    60_000,
  );

/** CODECS of the multivariant playlist, and whether this browser can play them. */
async function codecsOf(hls_url: string | null): Promise<{ codecs: string; playable: boolean }> {
  const text = await (await fetch(hls_url ?? "")).text();
  const codecs = /CODECS="([^"]+)"/.exec(text)?.[1] ?? "none";
  const playable = await browser.page.evaluate(
    (type) => MediaSource.isTypeSupported(type),
    `video/mp4; codecs="${codecs}"`,
  );
  return { codecs, playable };
}

test.each([
  [{ protocol: "hls", codec: "h265" }, "hevc", "libx265", /^hvc1\.1\.6\.L\d+/],
  [{ protocol: "dash", codec: "vp9" }, "vp9", "passthrough", /^vp09\.00\.\d\d\.08/],
] as const)("%o", async (options, codec, encoder, name) => {
  await browser.goto(pages.url("pattern.html"));
  await streamed({ ...options, width: 640, height: 360 }, async (started) => {
    expect(started).toMatchObject({ ...options, encoder, width: 640, height: 360, status: "active" });
    expect(started.stream_url).toBe(options.protocol === "dash" ? started.dash_url : started.hls_url);
    const streams = await probe(started.stream_url);
    expect(streams.map(({ codec_name }) => codec_name).sort()).toEqual(["aac", codec].sort());
    const picture = streams.find(({ codec_type }) => codec_type === "video");
    expect(picture).toMatchObject({ width: 640, height: 360 });
    const { codecs, playable } = await codecsOf(started.hls_url);
    expect(codecs).toMatch(name);
    // Chromium plays H.265 only where the machine's hardware does.
    const has = await browser.page.evaluate(() => MediaSource.isTypeSupported('video/mp4; codecs="hvc1.1.6.L93.B0"'));
    expect(playable).toBe(codec === "vp9" || has);
    const played = await play(browser, started.hls_url ?? "");
    expect(played).toContain(playable ? "played 640×360" : "no decoder");
    await browser.page.bringToFront();
  });
});

test.each([
  [
    { width: 480, height: 480 },
    { width: 480, height: 480 },
  ],
  [
    { height: 270, frame_rate: 15 },
    { width: 480, height: 270, frame_rate: 15 },
  ],
] as const)("size and rate of %o", async (options, expected) => {
  await browser.goto(pages.url("pattern.html"));
  await streamed({ ...options, audio: false }, async (started) => {
    expect(started).toMatchObject(expected);
    const [picture] = await probe(started.hls_url ?? "");
    expect(picture).toMatchObject({ width: expected.width, height: expected.height });
    await lasts(3);
    // A machine that stood still hands over late what it has: then the figure is high for a moment.
    await until("its rate", async () => {
      const now = await browser.getStreamStatus();
      return now.active && (now.status.metrics.current_fps ?? Number.NaN) < started.frame_rate * 1.2;
    });
  });
});
