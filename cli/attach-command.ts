// `flybrowser attach <cdp-url>`: streams and records a tab of a browser that runs already, until the shutdown; the browser stays as it is.
import { NO_STREAM_STOP } from "../protocol/results.ts";
import { sentence } from "../protocol/sentence.ts";
import { choosePage, connectBrowser } from "../sdk/connect.ts";
import { FlyBrowser } from "../sdk/index.ts";
import { forgetKeys } from "./destination-flags.ts";
import { printJson, say } from "./report.ts";
import { Shutdown } from "./shutdown.ts";
import { Interrupted, streamUntilShutdown, unlessShutdown } from "./stream-command.ts";
import { recordingOptions, type StreamFlags, streamDuration, streamOptions } from "./stream-flags.ts";

/** Flags of `flybrowser attach`. */
export interface AttachFlags extends StreamFlags {
  readonly tab?: string;
}

/**
 * Streams until the duration is over or the user stops it.
 * @throws FlyBrowserError as `connectBrowser`, `FlyBrowser.attach` and `startStream`; `stream_ended`: it ended unexpectedly.
 */
export async function attachCommand(address: string, flags: AttachFlags): Promise<void> {
  const options = streamOptions(flags);
  forgetKeys();
  const recording = recordingOptions(flags);
  const duration = streamDuration(flags);
  const shutdown = new Shutdown();
  shutdown.onSignals(() => process.exit(1));
  process.stdout.on("error", () => shutdown.request(sentence("command.no_reader"), true));
  const chrome = await connectBrowser(address);
  let browser: FlyBrowser | null = null;
  try {
    chrome.once("disconnected", () => shutdown.request(sentence("browser.ended")));
    const page = await choosePage(chrome, flags.tab);
    if (flags.follow !== "active") page.once("close", () => shutdown.request(sentence("browser.page_closed")));
    if (!flags.json) say(`  Attaching to ${page.url()} …`);
    const attaching = FlyBrowser.attach(page);
    attaching.then(
      (attached) => {
        browser = attached;
      },
      () => {},
    );
    const attached = await unlessShutdown(attaching, shutdown);
    await streamUntilShutdown(attached, shutdown, { flags, options, recording, duration, page: page.url() });
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    if (flags.json) printJson(NO_STREAM_STOP);
  } finally {
    await (browser as FlyBrowser | null)?.close();
    await chrome.disconnect();
    shutdown.close();
  }
}
