// What happens to a stream's times when somebody sets the wall clock, when it drifts, and when the machine sleeps.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PublisherClock } from "../../../../native-host/ingest/publisher-clock.ts";
import { originNow, StreamClock } from "../../../../native-host/media/stream-clock.ts";
import { TaskStore } from "../../../../native-host/stream/task-store.ts";
import { marksOf } from "../../../../native-host/stream/timeline.ts";

const NOON = Date.UTC(2030, 0, 1, 12);
const HOUR = 3_600_000;

beforeEach(() => void vi.useFakeTimers({ now: NOON }));
afterEach(() => void vi.useRealTimers());

/** Sets the wall clock; the monotonic one goes on as it did. A machine that slept does the same. */
const step = (ms: number) => vi.setSystemTime(Date.now() + ms);

test.each([HOUR, -HOUR, 60_000, -30_000, -600_000])(
  "a step of %d ms moves no media, and wall time from the next run on",
  (ms) => {
    const clock = new StreamClock(originNow());
    vi.advanceTimersByTime(10_000);
    step(ms);
    vi.advanceTimersByTime(5_000);
    expect(clock.now - clock.started_at).toBeCloseTo(15_000, 0);
    expect(clock.wall(clock.now)).toBeCloseTo(NOON + 15_000, 0);
    clock.remap();
    vi.advanceTimersByTime(1_000);
    expect(clock.wall(clock.now)).toBeCloseTo(Date.now(), 0);
    expect(clock.wall(clock.started_at + 12_000)).toBeCloseTo(NOON + 12_000, 0); // as it was told
  },
);

test("a slow drift is followed run by run", () => {
  const clock = new StreamClock(originNow());
  for (let run = 0; run < 300; run++) {
    vi.advanceTimersByTime(60_000);
    step(30); // 500 ppm, what NTP slews by at most
    clock.remap();
    expect(Math.abs(clock.wall(clock.now) - Date.now())).toBeLessThan(2);
  }
  expect(clock.now - clock.started_at).toBeCloseTo(300 * 60_000, 0);
});

test("a new host goes on where the old one stopped, whatever the wall clock shows by then", () => {
  const origin = originNow();
  vi.advanceTimersByTime(20_000);
  step(-HOUR);
  const clock = new StreamClock(origin);
  expect(clock.now - clock.started_at).toBeCloseTo(20_000, 0);
  expect(clock.wall(clock.now)).toBeCloseTo(Date.now(), 0);
});

test.each([HOUR, -HOUR, 600_000])("tasks stay on the media while wall time steps by %d ms", (ms) => {
  const clock = new StreamClock(originNow());
  const store = new TaskStore("s", clock);
  vi.advanceTimersByTime(2_000);
  store.begin({ name: "one", task_id: "a", started_at: new Date(Date.now() - 500).toISOString() });
  step(ms);
  vi.advanceTimersByTime(3_000);
  store.update("a", { state: "done", ended_at: new Date(Date.now() - 1_000).toISOString() });
  clock.remap();
  store.begin({ name: "two", task_id: "b" });
  expect(marksOf(store.timed(), clock.started_at)).toMatchObject([
    { id: "a", start: 1_500, end: 4_000 },
    { id: "b", start: 5_000, end: null },
  ]);
  const [one, two] = store.list();
  expect(one?.ended_at).toBe(new Date(NOON + 4_000).toISOString());
  expect(two?.started_at).toBe(new Date(Date.now()).toISOString());
  // What a recording cuts its chapters by.
  expect(store.recorded()[1]?.started_at).toBe(new Date(NOON + 5_000).toISOString());
});

test("the publisher's clock is placed by the quickest of its messages", () => {
  const publisher = new PublisherClock();
  vi.advanceTimersByTime(1_000);
  const begun = performance.now();
  const theirs = () => performance.now() - begun + 70;
  const heard = (delay: number, sent = theirs()) => {
    vi.advanceTimersByTime(delay);
    publisher.heard(1, sent);
  };
  const off = () => publisher.local(theirs()) - performance.now();
  heard(400);
  expect(off()).toBeCloseTo(400, 0);
  heard(5);
  expect(off()).toBeCloseTo(5, 0);
  heard(300);
  expect(off()).toBeCloseTo(5, 0);
  for (let seconds = 0; seconds < 12; seconds++) {
    vi.advanceTimersByTime(980);
    heard(20);
  }
  expect(off()).toBeCloseTo(20, 0);
});

test("it is placed anew when it stood still while ours went on, and when another document captures", () => {
  const publisher = new PublisherClock();
  publisher.heard(1, performance.now());
  const slept = 600_000;
  vi.advanceTimersByTime(slept);
  publisher.heard(1, performance.now() - slept);
  expect(publisher.local(performance.now() - slept)).toBeCloseTo(performance.now(), 0);
  vi.advanceTimersByTime(100);
  publisher.heard(2, 5); // its clock has only begun
  expect(publisher.local(5)).toBeCloseTo(performance.now(), 0);
});
