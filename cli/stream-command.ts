// `flybrowser stream [url]`: a browser, its page, its stream, until it is to end; then nothing is left.
// Never captures anything itself: the SDK does all of it.
import { FlyBrowserError } from "../protocol/errors.ts";
import { NO_STREAM_STOP, type StartStreamResult, type StopStreamResult } from "../protocol/results.ts";
import { FlyBrowser } from "../sdk/index.ts";
import { builtPath } from "../sdk/installation.ts";
import { serveDemo } from "./demo-server.ts";
import { Ending, type Reason } from "./ending.ts";
import { LiveView } from "./live-view.ts";
import { announceRecording, finishRecording } from "./recordings-in-stream.ts";
import { bitrateText, printJson, say, timeText } from "./report.ts";
import { pageAddress, recordingOptions, type StreamFlags, streamDuration, streamOptions } from "./stream-flags.ts";

/** ms that a page may take to show itself. */
const PAGE_TIMEOUT = 30_000;

/**
 * Streams a page until the time is up or the user ends it.
 * @throws FlyBrowserError for everything that goes wrong, an end that nobody asked for included.
 */
export async function streamCommand(url: string | undefined, flags: StreamFlags): Promise<void> {
  const options = streamOptions(flags);
  const recording = recordingOptions(flags);
  const duration = streamDuration(flags);
  const ending = new Ending();
  ending.onSignals(() => process.exit(1));
  process.stdout.on("error", () => ending.end("nobody reads the results any more", true));
  const demo = url === undefined ? await serveDemo(builtPath("demo")) : null;
  const launching = FlyBrowser.launch({
    headless: !flags.headed,
    handle_signals: false,
    ...(flags.executablePath === undefined ? {} : { executable_path: flags.executablePath }),
    ...(flags.viewAddress === undefined ? {} : { view_address: flags.viewAddress }),
  });
  try {
    const browser = await orEnd(launching, ending);
    browser.page.once("close", () => ending.end("its page was closed"));
    browser.page.browser().once("disconnected", () => ending.end("the browser ended"));
    const address = demo?.url ?? pageAddress(url ?? "");
    await orEnd(browser.goto(address, { waitUntil: "domcontentloaded", timeout: PAGE_TIMEOUT }), ending);
    const started = await orEnd(browser.startStream(options), ending);
    if (flags.json) printJson(started);
    else introduce(started, address);
    if (recording) announceRecording(await orEnd(browser.startRecording(recording), ending), flags.json === true);
    if (duration !== null) ending.after(duration);
    await untilEnd(browser, ending, flags);
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
  } finally {
    await launching.then(
      (browser) => browser.close(),
      () => {},
    );
    await demo?.close();
    ending.close();
  }
}

/** Thrown where the user ended the command before the stream ran: not an error. */
class Interrupted extends Error {}

/** What `work` gives, unless the command is to end before. */
async function orEnd<T>(work: Promise<T>, ending: Ending): Promise<T> {
  work.catch(() => {}); // when the end came first, nobody waits for it any more
  const end = ending.reason.then((reason): never => {
    throw reason.expected ? new Interrupted() : unexpected(reason);
  });
  return Promise.race([work, end]);
}

function unexpected(reason: Reason): FlyBrowserError {
  return new FlyBrowserError("stream_ended", { reason: reason.text });
}

async function untilEnd(browser: FlyBrowser, ending: Ending, flags: StreamFlags): Promise<void> {
  const terminal = !flags.json && process.stderr.isTTY ? process.stderr : null;
  const onEnded = (reason: string) => ending.end(reason);
  const view = new LiveView({ status: () => browser.getStreamStatus(), terminal, onEnded });
  const reason = await ending.reason;
  view.close();
  if (flags.record !== undefined) await finishRecording(browser, flags.json === true, reason.expected);
  const stopped = await browser.stopStream().catch((error: unknown) => {
    if (reason.expected) throw error;
    return NO_STREAM_STOP;
  });
  if (flags.json) printJson(stopped);
  else if (stopped.success) summarise(stopped);
  if (!reason.expected) throw unexpected(reason);
}

function introduce(started: StartStreamResult, address: string): void {
  const bold = (text: string) => (process.stderr.isTTY ? `\u001b[1m${text}\u001b[0m` : text);
  say();
  say(`  ${bold("LIVE")}  ${address}`);
  say(`        ${started.width}×${started.height}, ${started.frame_rate} fps, ${started.codec}, ${started.quality}`);
  say();
  say(`  Watch:  ${bold(started.player_url)}`);
  if (started.hls_url) say(`  HLS:    ${started.hls_url}`);
  if (started.dash_url) say(`  DASH:   ${started.dash_url}`);
  if (started.rtmp_url) say(`  RTMP:   ${started.rtmp_url}`);
  say();
  say("  Ctrl-C ends the stream.");
  say();
}

function summarise({ info }: StopStreamResult & { success: true }): void {
  const { average_bitrate: bitrate, frames_sent: frames } = info.metrics;
  const figures = [timeText(info.uptime_seconds), `${frames ?? "–"} frames`, `${bitrateText(bitrate)} on average`];
  say(`  Ended after ${figures.join(", ")}.`);
}
