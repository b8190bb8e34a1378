// Packets of captured sound: their length, their times over gaps and slow clocks, and which are silent.
import { expect, test } from "vitest";
import { PACKET, SoundPackets } from "../../../../extension/offscreen/sound-packets.ts";

/** Hz, as tabs give it. */
const RATE = 44_100;
/** Samples in 10 ms. */
const BUFFER = 441;

interface Given {
  readonly at: number;
  readonly first: number;
  readonly silent: boolean;
  readonly length: number;
}

function packets(): { readonly given: Given[]; add(at: number, value: number | null): void } {
  const given: Given[] = [];
  const cutter = new SoundPackets(RATE, 2, ({ at, samples, silent }) => {
    given.push({ at, first: samples[0] ?? Number.NaN, silent, length: samples.length });
  });
  const plane = (value: number) => new Float32Array(BUFFER).fill(value);
  return {
    given,
    add: (at, value) => cutter.add(at, value === null ? null : [plane(value), plane(-value)], BUFFER),
  };
}

test("two buffers make a packet, with the time of its first sample", () => {
  const { given, add } = packets();
  for (let n = 0; n < 6; n++) add(1_000 + n * 10, 0.5);
  expect(given.map(({ at }) => Math.round(at))).toEqual([1_000, 1_020, 1_040]);
  expect(given.every(({ silent, length, first }) => !silent && length === 1_764 && first === 0.5)).toBe(true);
});

test("zeros and what is to be silent are silence; one sample is none", () => {
  const { given, add } = packets();
  for (const [n, value] of [0, null, 0, 0, 0, 0.001].entries()) add(n * 10, value);
  expect(given.map(({ silent }) => silent)).toEqual([true, true, false]);
});

test("a gap is filled with silence, so that what follows is in its place", () => {
  const { given, add } = packets();
  for (let n = 0; n < 2; n++) add(n * 10, 0.5);
  for (let n = 0; n < 2; n++) add(500 + n * 10, 0.5);
  expect(given).toHaveLength(26);
  expect(given.slice(1, 25).every(({ silent }) => silent)).toBe(true);
  expect(given[25]?.at).toBeCloseTo(500, 1);
  expect(given[25]?.silent).toBe(false);
});

test("after a long gap it begins anew", () => {
  const { given, add } = packets();
  for (let n = 0; n < 3; n++) add(n * 10, 0.5);
  for (let n = 0; n < 2; n++) add(60_000 + n * 10, 0.25);
  expect(given.map(({ at, first }) => [at, first])).toEqual([
    [0, 0.5],
    [60_000, 0.25],
  ]);
});

test("too much sound is left out", () => {
  const { given, add } = packets();
  for (let n = 0; n < 4; n++) add(n * 10, 0.5);
  add(0, 0.25);
  for (let n = 4; n < 6; n++) add(n * 10, 0.5);
  expect(given.map(({ at }) => Math.round(at))).toEqual([0, 20, 40]);
  expect(given.every(({ first }) => first === 0.5)).toBe(true);
});

test("jitter is smoothed, and a slow clock followed", () => {
  const { given, add } = packets();
  for (let n = 0; n < 12_000; n++) add(n * 10.002 + (n % 3) * 6, 0.5); // 24 ms too slow over two minutes
  const apart = given.slice(1).map(({ at }, index) => at - (given[index]?.at ?? 0));
  expect(Math.max(...apart) - Math.min(...apart)).toBeLessThan(1);
  const drift = (given.at(-1)?.at ?? 0) - (given.length - 1) * PACKET;
  expect(drift).toBeGreaterThan(20);
  expect(drift).toBeLessThan(40);
});
