import { expect, it, vi } from "vitest";
import { Sound } from "../../../player/sound.ts";

function sound(volume = 1) {
  const video = Object.assign(new EventTarget(), { muted: false, volume });
  const onChange = vi.fn();
  return { video, onChange, sound: new Sound(video as unknown as HTMLVideoElement, onChange) };
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
  expect(video).toMatchObject({ muted: false, volume: 1 });
});

it("stays between nothing and all, and is off at nothing", () => {
  const { video, sound: made } = sound();
  made.setVolume(7);
  expect(video).toMatchObject({ muted: false, volume: 1 });
  made.setVolume(-1);
  expect(video).toMatchObject({ muted: true, volume: 0 });
});

it("grows from silence, not from what was set before it was switched off", () => {
  const { video, sound: made } = sound(0.8);
  made.changeVolume(0.1);
  expect(video).toMatchObject({ muted: false, volume: 0.1 });
  made.changeVolume(-0.5);
  expect(video).toMatchObject({ muted: true, volume: 0 });
});

it("that a browser has switched on by itself is off again; what the viewer has switched on stays", () => {
  const { video, sound: made } = sound();
  expect(made.muteAgain()).toBe(false);
  video.muted = false;
  video.dispatchEvent(new Event("volumechange"));
  expect([made.muteAgain(), video.muted]).toEqual([true, true]);
  expect(made.muteAgain()).toBe(true); // it may pause more than once
  made.toggleMuted();
  video.dispatchEvent(new Event("volumechange"));
  expect([made.muteAgain(), video.muted]).toEqual([false, false]);
});
