// Several tasks under the eyes of a dashboard: it gets the link, and embeds the player. One task that fails doesn't stop
// the others; the list beside the picture shows which.
import { FlyBrowser } from "flybrowser-stream";
import { scriptedAgent } from "./scripted-agent.ts";

/** Tells a monitoring system of the link; replace it by your own. */
export type Notify = (player_url: string) => Promise<void> | void;

/** Runs the tasks one after the other; gives how many went well. */
export async function monitoredAutomation(
  browser: FlyBrowser,
  tasks: readonly string[],
  notify: Notify,
): Promise<number> {
  const stream = await browser.startStream({ protocol: "hls", quality: "medium" });
  await notify(stream.player_url);
  try {
    const results = [];
    for (const task of tasks)
      results.push(
        await browser.agent(task).then(
          () => true,
          () => false,
        ),
      );
    return results.filter(Boolean).length;
  } finally {
    await browser.stopStream();
  }
}

if (process.argv[1] === import.meta.filename) {
  await using browser = await FlyBrowser.launch({ agent: scriptedAgent });
  const tasks = ["open https://example.com; read h1", "open https://example.org; read h1"];
  const done = await monitoredAutomation(browser, tasks, (url) =>
    console.log(`<iframe src="${url}?embed=1" allow="autoplay; fullscreen"></iframe>`),
  );
  console.log(`${done} of ${tasks.length} went well`);
}
