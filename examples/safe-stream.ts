// Error handling that always stops the stream: `npx tsx examples/safe-stream.ts [TASK]`.
import { FlyBrowser, FlyBrowserError } from "flybrowser-stream";
import { scriptedAgent } from "./scripted-agent.ts";

/** Runs an agent task on a stream; whatever happens, no stream is left. */
export async function safeStream(browser: FlyBrowser, task: string): Promise<unknown> {
  try {
    await browser.startStream(); // it throws, or there is a picture: never a URL to a stream that isn't there
    return await browser.agent(task);
  } catch (error) {
    // Ours say what happened and what to do, and have a code that never changes its meaning.
    if (error instanceof FlyBrowserError) console.error(`${error.code}: ${error.message}\n${error.fix}`);
    else console.error(`The agent failed: ${error}`);
    throw error;
  } finally {
    await browser.stopStream(); // with nothing running it says so, and harms nothing
  }
}

if (process.argv[1] === import.meta.filename) {
  // `await using` closes the browser, and with it the stream, also where the script throws.
  await using browser = await FlyBrowser.launch({ agent: scriptedAgent });
  console.log(await safeStream(browser, process.argv[2] ?? "open https://example.com; read h1"));
}
