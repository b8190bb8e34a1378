import { expect, it, vi } from "vitest";
import { Sound } from "../../../player/sound.ts";

function sound(volume = 1) {
  const video = { muted: false, volume };
  const onChange = vi.fn();
  return { video, onChange, sound: new Sound(video as HTMLVideoElement, onChange) };
}

it("is off until the viewer touches it", () => {
  const { video, sound: made, onChange } = sound();
  expect([video.muted, made.touched, onChange.mock.calls.length]).toEqual([true, false, 0]);
  made.toggleMuted();
  expect([video.muted, made.touched, onChange.mock.calls.length]).toEqual([false, true, 1]);
  made.toggleMuted();
  expect(video.muted).toBe(true);
});

it("that is switched on is heard", () => {
  const { video, sound: made } = sound(0);
  made.toggleMuted();
  expect(video).toEqual({ muted: false, volume: 1 });
});

it("stays between nothing and all, and is off at nothing", () => {
  const { video, sound: made } = sound();
  made.setVolume(7);
  expect(video).toEqual({ muted: false, volume: 1 });
  made.setVolume(-1);
  expect(video).toEqual({ muted: true, volume: 0 });
});

it("grows from silence, not from what was set before it was switched off", () => {
  const { video, sound: made } = sound(0.8);
  made.changeVolume(0.1);
  expect(video).toEqual({ muted: false, volume: 0.1 });
  made.changeVolume(-0.5);
  expect(video).toEqual({ muted: true, volume: 0 });
});
