// Share a live view while an agent works: `npx tsx examples/remote-debugging.ts [TASK]`. The task, its steps and what
// went wrong stand beside the picture; a click on one shows that moment again.
import { FlyBrowser } from "flybrowser-stream";
import { scriptedAgent } from "./scripted-agent.ts";

/** Runs an agent task while the team can watch, and gives its result. */
export async function debugWorkflow(browser: FlyBrowser, task: string): Promise<unknown> {
  const stream = await browser.startStream({ quality: "high" });
  console.log(`Share this link with your team: ${stream.player_url}`);
  try {
    return await browser.agent(task);
  } finally {
    await browser.stopStream();
  }
}

if (process.argv[1] === import.meta.filename) {
  await using browser = await FlyBrowser.launch({ agent: scriptedAgent });
  console.log(await debugWorkflow(browser, process.argv[2] ?? "open https://example.com; read h1"));
}
