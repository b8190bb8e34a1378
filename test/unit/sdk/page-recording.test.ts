// A recording from its beginning to its file, by a host that this test plays.
import { resolve } from "node:path";
import { expect, it, vi } from "vitest";
import { errorInWords, FlyBrowserError } from "../../../protocol/errors.ts";
import type { RecordingInfoInWords as RecordingInfo } from "../../../protocol/results.ts";
import { PageRecording } from "../../../sdk/page-recording.ts";

const info = (status: RecordingInfo["status"], more: Partial<RecordingInfo> = {}): RecordingInfo =>
  ({ recording_id: "rec_1", stream_id: "stream_1", status, progress: null, error: null, ...more }) as RecordingInfo;

function host(...later: RecordingInfo[]) {
  return {
    recordTab: vi.fn(async () => ({ recording_id: "rec_1" }) as never),
    getRecording: vi.fn(async () => later.shift() ?? info("recording")),
    stopRecording: vi.fn(async () => info("finishing", { progress: 0.25 })),
  };
}
const TAB = { target_id: "page" };

it("is begun with a path of this process's folder, and says what is captured for it", async () => {
  const fake = host();
  const recording = new PageRecording(async () => fake);
  expect(recording.id).toBeNull();
  expect(await recording.start(TAB, { path: "a/b.mp4", format: "mp4" })).toEqual({
    result: { recording_id: "rec_1" },
    stream_id: "stream_1",
  });
  expect(fake.recordTab).toHaveBeenCalledWith(TAB, { format: "mp4", path: resolve("a/b.mp4") });
  expect(recording.id).toBe("rec_1");
  await recording.start(TAB, { format: "webm" });
  expect(fake.recordTab).toHaveBeenLastCalledWith(TAB, { format: "webm" });
});

it("is over for who asks as soon as it is asked to end, and gives its file once it is made", async () => {
  const fake = host(info("recording"), info("finishing", { progress: 0.75 }), info("finished"));
  const recording = new PageRecording(async () => fake);
  await recording.start(TAB, {});
  const told: unknown[] = [];
  const ending = recording.stop("rec_1", {
    stopped: async () => void told.push("stopped"),
    progress: (share) => told.push(share),
  });
  expect(recording.id).toBeNull();
  expect(await ending).toMatchObject({ status: "finished" });
  expect(told).toEqual(["stopped", 0.25, 0.75]);
});

it("of which no file could be made is the error that it failed of", async () => {
  const error = errorInWords(
    new FlyBrowserError("recording_failed", { recording_id: "rec_1", reason: "no video", folder: "/r" }),
  );
  const recording = new PageRecording(async () => host(info("failed", { error })));
  const ending = recording.stop("rec_1", { stopped: async () => {}, progress: () => {} });
  await expect(ending).rejects.toMatchObject({
    code: "recording_failed",
    message: expect.stringContaining("no video"),
  });
});
