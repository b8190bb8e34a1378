// How the live engine stays where it should: by the least that was ahead, small changes of the rate, and seeks from far away only.
import { describe, expect, it } from "vitest";
import { LiveSteering } from "../../../player/engines/live-steering.ts";

/** Plays for `seconds`, looking every 40 ms, with media that come each `every` ms; gives what was ahead just before the last delivery. */
function play(steering: LiveSteering, state: { ahead: number; now: number }, seconds: number, every = 100) {
  const [rates, leaps, least]: [number[], number[], number[]] = [[], [], []];
  let rate = 1;
  for (const end = state.now + seconds * 1000; state.now < end; state.now += 20) {
    state.ahead -= 0.02 * rate;
    if (state.now % every === 0) {
      steering.sample(state.ahead, state.now);
      least.push(state.ahead);
      state.ahead += every / 1000;
    }
    if (state.now % 40 !== 0) continue;
    steering.sample(state.ahead, state.now);
    const next = steering.next(state.now);
    rate = next.rate;
    state.ahead -= next.leap;
    rates.push(next.rate);
    if (next.leap > 0) leaps.push(next.leap);
  }
  return { rates, leaps, least: least.at(-1) ?? Number.NaN };
}

function begun(ahead: number) {
  const steering = new LiveSteering();
  steering.begin(0);
  return { steering, state: { ahead, now: 0 } };
}

describe("the steering", () => {
  it("brings what is least ahead to its target from both sides, by rates between 0.97 and 1.1, and is still then", () => {
    for (const ahead of [0.03, 0.12, 0.4]) {
      const { steering, state } = begun(ahead);
      const { rates, leaps } = play(steering, state, 20);
      expect(Math.min(...rates)).toBeGreaterThanOrEqual(0.97);
      expect(Math.max(...rates)).toBeLessThanOrEqual(1.1);
      expect(leaps).toEqual([]);
      const settled = play(steering, state, 5);
      expect(settled.least).toBeGreaterThan(0.08);
      expect(settled.least).toBeLessThan(0.17);
      expect(new Set(settled.rates).size).toBe(1);
    }
  });

  it("goes by the least of 300 ms, so that media in bursts don't move it", () => {
    const { steering, state } = begun(0.13);
    expect(new Set(play(steering, state, 10, 200).rates)).toEqual(new Set([1]));
  });

  it("leaps at the beginning, later from far away alone, and not twice in a moment", () => {
    const { steering, state } = begun(1.2);
    expect(play(steering, state, 1).leaps).toHaveLength(1);
    play(steering, state, 5);
    state.ahead += 1;
    expect(play(steering, state, 12).leaps).toEqual([]);
    state.ahead += 3;
    const { leaps, least } = play(steering, state, 1);
    expect(leaps).toHaveLength(1);
    expect(least).toBeLessThan(0.3);
  });

  it("needs less ahead where no sound is heard, and more again from the moment it is", () => {
    const { steering, state } = begun(0.2);
    steering.heard = false;
    play(steering, state, 10);
    expect(play(steering, state, 1).least).toBeLessThan(0.09);
    steering.heard = true;
    expect(steering.target).toBeCloseTo(0.12);
    play(steering, state, 10);
    expect(play(steering, state, 1).least).toBeGreaterThan(0.08);
  });

  it("keeps more after it ran dry, up to a bound, and less again in time", () => {
    const { steering, state } = begun(0.12);
    const before = steering.target;
    steering.ranDry(100); // it has only just begun
    expect(steering.target).toBe(before);
    play(steering, state, 5);
    for (let times = 0; times < 50; times++) steering.ranDry(state.now);
    expect(steering.target).toBeCloseTo(0.6);
    play(steering, state, 40);
    expect(steering.target).toBeLessThan(0.6);
    expect(steering.target).toBeGreaterThan(0.5);
  });
});
