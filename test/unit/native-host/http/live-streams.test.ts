// How long the links of streams that have ended still work, and of how many.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LiveStreams } from "../../../../native-host/http/live-streams.ts";
import { TestStream } from "./live-stream.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A stream that has ended. */
function ended(streams: LiveStreams, stream_id: string): void {
  const stream = new TestStream(stream_id);
  streams.add(stream);
  stream.packager.end();
}

test("an ended stream stays for as long as it is to be shown", () => {
  const streams = new LiveStreams(3_600_000);
  ended(streams, "one");
  vi.advanceTimersByTime(3_599_999);
  expect(streams.ids).toEqual(["one"]);
  vi.advanceTimersByTime(1);
  expect(streams.ids).toEqual([]);
});

test("sixteen of them are kept, the youngest; one that lives stays in any case", () => {
  const streams = new LiveStreams(3_600_000);
  streams.add(new TestStream("alive"));
  for (let index = 0; index < 20; index++) ended(streams, `ended-${index}`);
  expect(streams.ids).toEqual(["alive", ...Array.from({ length: 16 }, (_, index) => `ended-${index + 4}`)]);
});

test("a request for the stream of a host that died waits for it, for 3 s at most; others don't", async () => {
  const streams = new LiveStreams();
  streams.expect(["comes", "never"]);
  expect(streams.arrival("/s/other/token/index.m3u8")).toBeNull();
  const came: string[] = [];
  void streams.arrival("/s/comes/token/index.m3u8")?.then(() => came.push("comes"));
  void streams.arrival("/s/never/token/state")?.then(() => came.push("never"));
  streams.add(new TestStream("comes"));
  await vi.advanceTimersByTimeAsync(2_900);
  expect(came).toEqual(["comes"]);
  expect(streams.arrival("/s/comes/token/index.m3u8")).toBeNull();
  await vi.advanceTimersByTimeAsync(100);
  expect(came).toEqual(["comes", "never"]);
  expect(streams.arrival("/s/never/token/state")).toBeNull();
});
