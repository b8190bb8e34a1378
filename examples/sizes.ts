// Size and frame rate of one's own, 4K, and what to choose where: `npx tsx examples/sizes.ts NAME [URL]`.
import { FlyBrowser, type StartStreamOptions } from "flybrowser-stream";

/** Options of `startStream` for common situations; each can be changed by further options. */
export const SITUATIONS = {
  /** An exact size: the picture is fitted inside, never distorted. */
  custom_size: { quality: "high", width: 1920, height: 1080, frame_rate: 60 },
  /** One side alone: the other one follows the tab's shape. */
  small: { quality: "medium", width: 640 },
  /** 4K on this machine or in its network; the tab must be that large: see the viewport below. */
  four_k: { quality: "local_4k", width: 3840, height: 2160 },
  /** A slow line. */
  low_bandwidth: { quality: "low_bandwidth", frame_rate: 15 },
  /** The best picture in a fast network. */
  local_network: { quality: "local_high", frame_rate: 60 },
  /** As little delay as there can be: WebRTC first. */
  monitoring: { quality: "ultra_low_latency" },
  /** A page without sound saves its encoder. */
  silent: { quality: "medium", audio: false },
} as const satisfies Record<string, StartStreamOptions>;

/** Streams a page as fits a situation; gives the size that it got. */
export async function streamFor(browser: FlyBrowser, situation: keyof typeof SITUATIONS): Promise<string> {
  const { width, height, frame_rate, encoder, player_url } = await browser.startStream(SITUATIONS[situation]);
  console.log(`${situation}: ${player_url}`);
  // `passthrough`: the browser's own encoding is only repackaged. An exact size needs an encoder in between.
  return `${width}×${height} at ${frame_rate} fps, ${encoder}`;
}

if (process.argv[1] === import.meta.filename) {
  const situation = (process.argv[2] ?? "custom_size") as keyof typeof SITUATIONS;
  const viewport = situation === "four_k" ? { width: 3840, height: 2160 } : { width: 1920, height: 1080 };
  await using browser = await FlyBrowser.launch({ viewport });
  await browser.goto(process.argv[3] ?? "https://example.com");
  console.log(await streamFor(browser, situation));
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}
