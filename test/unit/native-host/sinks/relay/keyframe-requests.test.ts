// Many viewers who want a keyframe get one.
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { KeyframeRequests } from "../../../../../native-host/sinks/relay/keyframe-requests.ts";

let sent: number;
let requests: KeyframeRequests;
beforeEach(() => {
  vi.useFakeTimers();
  sent = 0;
  requests = new KeyframeRequests(
    () => sent++,
    () => Date.now(),
  );
});
afterEach(() => vi.useRealTimers());

it("one is asked for at once, and one more after a moment for all who came meanwhile", () => {
  for (let viewer = 0; viewer < 64; viewer++) requests.ask("join");
  expect(sent).toBe(1);
  vi.advanceTimersByTime(299);
  expect(sent).toBe(1);
  vi.advanceTimersByTime(10_000);
  expect(sent).toBe(2);
});

it("none is asked for once it has come", () => {
  requests.ask("join");
  requests.ask("join");
  requests.came();
  vi.advanceTimersByTime(10_000);
  expect(sent).toBe(1);
});

it("a picture that breaks again and again costs the others one a second, and keeps nobody from joining", () => {
  for (let ms = 0; ms < 10_000; ms += 50) {
    requests.ask("repair");
    vi.advanceTimersByTime(50);
    requests.came();
  }
  expect(sent).toBe(11); // at its beginning and its end too
  vi.advanceTimersByTime(300);
  requests.ask("repair");
  requests.ask("join");
  expect(sent).toBe(12);
});

it("none is asked for after the end", () => {
  requests.ask("join");
  requests.ask("join");
  requests.close();
  vi.advanceTimersByTime(10_000);
  expect(sent).toBe(1);
});
