// Live and recorded at the same time, from one encoding: `npx tsx examples/stream-and-record.ts [FILE.mp4]`. Tasks become
// chapters of the file.
import { FlyBrowser } from "flybrowser-stream";
import { scriptedAgent } from "./scripted-agent.ts";

/** Runs an agent task, live and recorded; gives where the recording is. */
export async function streamAndRecord(browser: FlyBrowser, task: string, path?: string): Promise<string> {
  const stream = await browser.startStream();
  await browser.startRecording(path === undefined ? {} : { path });
  console.log(`Live at: ${stream.player_url}`);
  try {
    await browser.agent(task);
  } finally {
    const recording = await browser.stopRecording();
    await browser.stopStream();
    const chapters = recording.chapters.map(({ title }) => title).join(", ");
    console.log(`Recorded ${recording.duration_seconds} s: ${recording.file_path} (chapters: ${chapters})`);
    path = recording.file_path;
  }
  return path;
}

if (process.argv[1] === import.meta.filename) {
  await using browser = await FlyBrowser.launch({ agent: scriptedAgent });
  await streamAndRecord(browser, "open https://example.com; read h1", process.argv[2]);
}
