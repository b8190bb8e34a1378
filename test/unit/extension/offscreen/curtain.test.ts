// Which frames are shown around private time, and when sound goes and comes back.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { Curtain, MARGIN } from "../../../../extension/offscreen/curtain.ts";

const track = () => ({ enabled: true, readyState: "live" }) as MediaStreamTrack;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("nothing is shown from the moment it is drawn, whenever it was captured", () => {
  const curtain = new Curtain();
  const sound = track();
  curtain.guard(sound);
  expect([curtain.admits(0), sound.enabled]).toEqual([true, true]);
  curtain.draw();
  expect([curtain.admits(performance.now()), sound.enabled]).toEqual([false, false]);
});

test("what was captured before its end is never shown; the first frame after it lets the sound through", async () => {
  const curtain = new Curtain();
  const sound = track();
  curtain.guard(sound);
  curtain.draw();
  let seen = false;
  const lifted = curtain.lift().then(() => {
    seen = true;
  });
  const end = performance.now();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(curtain.admits(end + MARGIN - 1)).toBe(false); // late, as of a busy machine
  expect([seen, sound.enabled]).toEqual([false, false]);
  expect(curtain.admits(end + MARGIN)).toBe(true);
  await lifted;
  expect([seen, sound.enabled]).toEqual([true, true]);
});

test("a tab that is muted stays silent whatever the curtain does, and one that begins muted begins silent", async () => {
  const curtain = new Curtain();
  const [sound, late] = [track(), track()];
  curtain.guard(sound);
  curtain.mute(true);
  curtain.guard(late);
  expect([sound.enabled, late.enabled]).toEqual([false, false]);
  curtain.draw();
  void curtain.lift();
  expect(curtain.admits(performance.now() + MARGIN)).toBe(true);
  expect([sound.enabled, late.enabled]).toEqual([false, false]);
  curtain.mute(false);
  expect([sound.enabled, late.enabled]).toEqual([true, true]);
});

test("a capture that begins meanwhile begins silent; one drawn again while it is lifted stays drawn", async () => {
  const curtain = new Curtain();
  curtain.draw();
  const late = track();
  curtain.guard(late);
  expect(late.enabled).toBe(false);
  const lifted = curtain.lift();
  curtain.draw();
  await lifted;
  expect([curtain.admits(performance.now() + 10_000), late.enabled]).toEqual([false, false]);
});

test("without a frame, whoever waits goes on after a while, and it stays drawn", async () => {
  const curtain = new Curtain();
  const sound = track();
  curtain.guard(sound);
  curtain.draw();
  const lifted = curtain.lift();
  await vi.advanceTimersByTimeAsync(2_000);
  await lifted;
  expect(sound.enabled).toBe(false);
});
