// A live stream in a few lines: `npx tsx examples/basic-stream.ts [URL]`. Viewers see every action as it happens.
import { FlyBrowser } from "flybrowser-stream";

/** Streams a visit to `url` and gives the link under which it was seen. */
export async function basicStream(browser: FlyBrowser, url: string): Promise<string> {
  const stream = await browser.startStream();
  console.log(`Watch: ${stream.player_url}`);
  console.log(`In VLC or Safari: ${stream.stream_url}`);

  await browser.goto(url);
  await browser.task("Read the title", () => browser.page.title());

  await browser.stopStream();
  return stream.player_url;
}

if (process.argv[1] === import.meta.filename) {
  await using browser = await FlyBrowser.launch();
  await basicStream(browser, process.argv[2] ?? "https://example.com");
}
