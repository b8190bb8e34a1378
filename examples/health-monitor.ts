// Watches the health of a stream while it runs: `npx tsx examples/health-monitor.ts [URL]`, Ctrl-C ends it.
import { setTimeout as sleep } from "node:timers/promises";
import { FlyBrowser } from "flybrowser-stream";

/** Reports every `every` ms what is wrong, until the stream has ended. Gives the number of looks. */
export async function monitorStreamHealth(
  browser: FlyBrowser,
  report: (line: string) => void = console.warn,
  every = 5_000,
): Promise<number> {
  for (let looks = 1; ; looks++) {
    const answer = await browser.getStreamStatus();
    if (!answer.is_streaming) {
      report("Stream ended");
      return looks;
    }
    const { health, health_reasons, viewer_count, metrics } = answer.status;
    if (health !== "healthy") report(`Warning: ${health}: ${health_reasons.join("; ")}`);
    // A figure that can't be known is null, never a made-up zero.
    if ((answer.dropped_frames ?? 0) > 100) report(`Warning: ${answer.dropped_frames} frames dropped`);
    report(`${metrics.current_fps ?? "–"} fps, ${viewer_count} watching`);
    await sleep(every);
  }
}

if (process.argv[1] === import.meta.filename) {
  await using browser = await FlyBrowser.launch();
  await browser.goto(process.argv[2] ?? "https://example.com");
  console.log(`Watch: ${(await browser.startStream()).player_url}`);
  await monitorStreamHealth(browser);
}
