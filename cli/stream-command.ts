// `flybrowser stream [url]`: launches a browser, streams and records its page until the shutdown, and leaves nothing behind.
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { serveStatic } from "@hono/node-server/serve-static";
import { Hono } from "hono";
import { FlyBrowserError } from "../protocol/errors.ts";
import type { StartRecordingOptions, StartStreamOptions } from "../protocol/options.ts";
import {
  NO_STREAM_STOP,
  type StartStreamResultInWords as StartStreamResult,
  type StopRecordingResultInWords as StopRecordingResult,
  type StopStreamResultInWords as StopStreamResult,
  type StreamInfoInWords as StreamInfo,
} from "../protocol/results.ts";
import { sentence, type Words } from "../protocol/sentence.ts";
import { FlyBrowser } from "../sdk/index.ts";
import { builtPath } from "../sdk/installation.ts";
import { forgetKeys } from "./destination-flags.ts";
import { assertHostEnvironment } from "./host-environment.ts";
import { qrText } from "./qr-text.ts";
import { bitrateText, bold, printJson, Reported, say, sizeText, timeText } from "./report.ts";
import { Shutdown, type ShutdownReason } from "./shutdown.ts";
import { showTrace } from "./start-trace.ts";
import {
  launchOptions,
  pageAddress,
  recordingOptions,
  type StreamFlags,
  streamDuration,
  streamOptions,
} from "./stream-flags.ts";
import { StreamMonitor } from "./stream-monitor.ts";

/** ms that a page may take to load. */
const PAGE_TIMEOUT = 30_000;

/**
 * Streams a page until the duration is over or the user stops it.
 * @throws FlyBrowserError for everything that goes wrong, an unexpected end of the stream included.
 */
export async function streamCommand(url: string | undefined, flags: StreamFlags): Promise<void> {
  const options = streamOptions(flags);
  forgetKeys();
  const recording = recordingOptions(flags);
  const duration = streamDuration(flags);
  const shutdown = new Shutdown();
  shutdown.onSignals(() => process.exit(1));
  process.stdout.on("error", () => shutdown.request(sentence("command.no_reader"), true));
  const address = url === undefined ? null : pageAddress(url);
  const launch = launchOptions(flags);
  await assertHostEnvironment({ view_address: flags.viewAddress !== undefined });
  const progress = (text: string) => flags.json || say(`  ${text} …`);
  const demo = address === null ? await serveDemo(builtPath("demo")) : null;
  progress("Starting Chromium");
  const launching = FlyBrowser.launch(launch);
  try {
    const browser = await unlessShutdown(launching, shutdown);
    browser.page.once("close", () => shutdown.request(sentence("browser.page_closed")));
    browser.page.browser().once("disconnected", () => shutdown.request(sentence("browser.ended")));
    const page = demo?.url ?? address ?? "";
    progress(`Opening ${page}`);
    await unlessShutdown(browser.goto(page, { waitUntil: "domcontentloaded", timeout: PAGE_TIMEOUT }), shutdown);
    await streamUntilShutdown(browser, shutdown, { flags, options, recording, duration, page });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    if (flags.json) printJson(NO_STREAM_STOP);
  } finally {
    await launching.then(
      (browser) => browser.close(),
      () => {},
    );
    await demo?.close();
    shutdown.close();
  }
}

/** What {@link streamUntilShutdown} streams, and how. */
export interface Streaming {
  readonly flags: StreamFlags;
  readonly options: StartStreamOptions;
  readonly recording: StartRecordingOptions | null;
  /** ms; `null`: until somebody stops it. */
  readonly duration: number | null;
  /** Address of the page, as it is shown. */
  readonly page: string;
}

/** Streams and records, and says how it goes, until the shutdown. @throws FlyBrowserError; {@link Interrupted} */
export async function streamUntilShutdown(
  browser: FlyBrowser,
  shutdown: Shutdown,
  { flags, options, recording, duration, page }: Streaming,
): Promise<void> {
  if (!flags.json) say("  Starting the stream …");
  const called = performance.timeOrigin + performance.now();
  const started = await unlessShutdown(browser.startStream(options), shutdown);
  const returned = performance.timeOrigin + performance.now();
  if (flags.json) printJson(started);
  else describeStart(started, page);
  if (flags.trace) await showTrace(started, { called, returned });
  if (recording) {
    const recorded = await unlessShutdown(browser.startRecording(recording), shutdown);
    if (flags.json) printJson(recorded);
    else say(`  Recording to ${recorded.file_path}`);
  }
  if (duration !== null) shutdown.after(duration);
  await untilShutdown(browser, shutdown, flags);
}

/** Thrown if the user stops the command before the stream has started, which is no error. */
export class Interrupted extends Error {}

/** The result of `work`, unless the shutdown comes first. */
export async function unlessShutdown<T>(work: Promise<T>, shutdown: Shutdown): Promise<T> {
  work.catch(() => {}); // after a shutdown nobody waits for it any more
  const interrupted = shutdown.reason.then((reason): never => {
    throw reason.expected ? new Interrupted() : unexpected(reason);
  });
  return Promise.race([work, interrupted]);
}

function unexpected(reason: ShutdownReason): FlyBrowserError {
  return new FlyBrowserError("stream_ended", { reason: reason.text });
}

async function untilShutdown(browser: FlyBrowser, shutdown: Shutdown, flags: StreamFlags): Promise<void> {
  const terminal = !flags.json && process.stderr.isTTY ? process.stderr : null;
  let last: StreamInfo | null = null;
  const onEnded = (reason: Words, info: StreamInfo | null) => {
    last = info;
    shutdown.request(reason, info?.state === "stopped"); // by `flybrowser stop`, the popup or a program: somebody wanted it
  };
  const monitor = new StreamMonitor({ status: () => browser.getStreamStatus(), terminal, onEnded });
  const reason = await shutdown.reason;
  monitor.close();
  if (flags.record !== undefined) await finishRecording(browser, flags.json === true, reason.expected);
  const ended = last as StreamInfo | null;
  const stopped: StopStreamResult = ended
    ? { stream_id: ended.stream_id, success: true, info: ended }
    : await browser.stopStream().catch((error: unknown) => {
        if (reason.expected) throw error;
        return NO_STREAM_STOP;
      });
  if (flags.json) printJson(stopped);
  else if (stopped.success) describeStop(stopped);
  if (!reason.expected) throw new Reported(unexpected(reason));
}

/**
 * Stops the recording and says where its file is.
 * @throws FlyBrowserError as `stopRecording`, after an expected shutdown; after any other, the host finishes the file.
 */
async function finishRecording(browser: FlyBrowser, json: boolean, expected: boolean): Promise<void> {
  let shown = -1;
  const showProgress = (share: number): void => {
    const percent = Math.floor(share * 10) * 10;
    if (percent > shown) say(`  Finishing the recording: ${percent}%`);
    shown = Math.max(shown, percent);
  };
  const stopped = await browser.stopRecording(showProgress).catch((error: unknown) => {
    if (expected) throw error;
    return null;
  });
  if (stopped === null) say("  The recording is being finished in the background; see `flybrowser recordings`.");
  else if (json) printJson(stopped);
  else describeRecording(stopped);
}

function describeStart(started: StartStreamResult, address: string): void {
  say();
  say(`  ${bold("LIVE")}  ${address}`);
  say(`        ${started.width}×${started.height}, ${started.frame_rate} fps, ${started.codec}, ${started.quality}`);
  say();
  say(`  Watch:  ${bold(started.player_url)}`);
  say(`          ${started.share_note}.`);
  if (started.share !== "this-computer" && process.stderr.isTTY) say(`\n${qrText(started.player_url)}`);
  if (started.hls_url) say(`  HLS:    ${started.hls_url}`);
  if (started.dash_url) say(`  DASH:   ${started.dash_url}`);
  for (const { name, url } of started.destinations) say(`  To:     ${name} (${url})`);
  say();
  say("  Press Ctrl-C to stop.");
  say();
}

function describeStop({ info }: StopStreamResult & { success: true }): void {
  const { average_bitrate: bitrate, frames_sent: frames } = info.metrics;
  const average = `${bitrateText(bitrate)} on average`;
  say(`  The stream has ended after ${timeText(info.uptime_seconds)} (${frames ?? "–"} frames, ${average}).`);
}

function describeRecording({ file_path, size_bytes, duration_seconds, error }: StopRecordingResult): void {
  say(`  Recorded ${timeText(duration_seconds)} (${sizeText(size_bytes)}) to ${file_path}`);
  if (error) say(`  The recording ended early: ${error.message} ${error.fix}`);
}

/** Serves the built demo page on 127.0.0.1, on a free port. */
export async function serveDemo(folder: string): Promise<{ url: string; close(): Promise<void> }> {
  const app = new Hono().use("/*", serveStatic({ root: folder }));
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, (address: AddressInfo) => {
      const close = () =>
        new Promise<void>((closed) => {
          server.close(() => closed());
          if ("closeAllConnections" in server) server.closeAllConnections();
        });
      resolve({ url: `http://127.0.0.1:${address.port}/`, close });
    });
    server.on("error", reject);
  });
}
