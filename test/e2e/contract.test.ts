// The contract of startStream in a real tab: codecs, sizes and rates. The cap, H.265: test/long/contract.test.ts; again and again: test/long/start-stop.test.ts.
import { afterAll, beforeAll, expect, test } from "vitest";
import { FlyBrowser, type StartStreamOptions, type StartStreamResult } from "../../sdk/index.ts";
import { streamsCodec } from "./harness/codec.ts";
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

test("protocol dash, codec vp9", async () => {
  await browser.goto(pages.url("pattern.html"));
  await streamsCodec(browser, { protocol: "dash", codec: "vp9" }, "passthrough", /^vp09\.00\.\d\d\.08/);
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
