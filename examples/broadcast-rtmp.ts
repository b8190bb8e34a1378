// Broadcast to Twitch, YouTube, Facebook or a server of one's own. The key comes from the environment and from nowhere
// else: `RTMP_STREAM_KEY=… npx tsx examples/broadcast-rtmp.ts [RTMP_URL]`.
import { FlyBrowser } from "flybrowser-stream";

/** Where the well-known platforms take streams. */
export const PLATFORMS = {
  twitch: "rtmp://live.twitch.tv/app",
  youtube: "rtmp://a.rtmp.youtube.com/live2",
  facebook: "rtmps://live-api-s.facebook.com:443/rtmp/",
} as const;

/** Shows `url` to the audience of an RTMP server for as long as `show` takes. */
export async function broadcast(browser: FlyBrowser, rtmp_url: string, url: string, show: () => Promise<void>) {
  const rtmp_key = process.env.RTMP_STREAM_KEY;
  if (!rtmp_key) throw new Error("Set RTMP_STREAM_KEY to the stream key of your channel.");
  const stream = await browser.startStream({ protocol: "rtmp", quality: "high", rtmp_url, rtmp_key });
  console.log(`On air at ${stream.rtmp_url}; the same to watch here: ${stream.player_url}`);
  try {
    await browser.goto(url);
    await show();
  } finally {
    await browser.stopStream();
  }
}

if (process.argv[1] === import.meta.filename) {
  await using browser = await FlyBrowser.launch();
  const minute = () => new Promise<void>((resolve) => setTimeout(resolve, 60_000));
  await broadcast(browser, process.argv[2] ?? PLATFORMS.youtube, "https://example.com", minute);
}
