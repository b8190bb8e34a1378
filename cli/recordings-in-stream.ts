// The recording beside `flybrowser stream`: what is said of it at its start and at its end. Never starts one.
import type { StartRecordingResult, StopRecordingResult } from "../protocol/results.ts";
import type { FlyBrowser } from "../sdk/index.ts";
import { printJson, say, sizeText, timeText } from "./report.ts";

/** Tells that it records. */
export function announceRecording(started: StartRecordingResult, json: boolean): void {
  if (json) printJson(started);
  else say(`  Recording into ${started.file_path}`);
}

/**
 * Ends the recording and tells of its file. `expected`: the stream ends because it should.
 * @throws FlyBrowserError `recording_failed`; when the end is no surprise also what else goes wrong.
 */
export async function finishRecording(browser: FlyBrowser, json: boolean, expected: boolean): Promise<void> {
  let said = -1;
  const tell = (share: number): void => {
    const percent = Math.floor(share * 10) * 10;
    if (percent > said) say(`  Finishing the recording: ${percent} %`);
    said = Math.max(said, percent);
  };
  const stopped = await browser.stopRecording(tell).catch((error: unknown) => {
    if (expected) throw error;
    return null;
  });
  if (stopped === null) say("  The recording is finished in the background: see `flybrowser recordings`.");
  else if (json) printJson(stopped);
  else describe(stopped);
}

function describe({ file_path, size_bytes, duration_seconds, error }: StopRecordingResult): void {
  say(`  Recorded ${timeText(duration_seconds)} (${sizeText(size_bytes)}) into ${file_path}`);
  if (error) say(`  It ended early: ${error.message} ${error.fix}`);
}
