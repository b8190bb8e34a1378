import { expect, test } from "vitest";
import { difference, type Lab, labOf } from "../../../bench/colour/difference.ts";

// Pairs of the test data of Sharma, Wu and Dalal, "The CIEDE2000 color-difference formula" (2005).
const PAIRS: [Lab, Lab, number][] = [
  [[50, 2.6772, -79.7751], [50, 0, -82.7485], 2.0425],
  [[50, 0, 0], [50, -1, 2], 2.3669],
  [[50, 2.49, -0.001], [50, -2.49, 0.0011], 7.2195],
  [[50, 2.5, 0], [73, 25, -18], 27.1492],
  [[50, 2.5, 0], [58, 24, 15], 19.4535],
  [[60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387], 1.2644],
  [[6.7747, -0.2908, -2.4247], [5.8714, -0.0985, -2.2286], 0.6377],
  [[2.0776, 0.0795, -1.135], [0.9033, -0.0636, -0.5514], 0.9082],
];

test.each(PAIRS)("%j and %j are %f apart", (one, other, apart) => {
  expect(difference(one, other)).toBeCloseTo(apart, 4);
  expect(difference(other, one)).toBeCloseTo(apart, 4);
});

test("sRGB is placed in L*a*b*", () => {
  expect(labOf([255, 255, 255])[0]).toBeCloseTo(100, 3);
  const [lightness, a, b] = labOf([255, 0, 0]);
  expect([lightness, a, b].map((value) => Math.round(value * 10) / 10)).toEqual([53.2, 80.1, 67.2]);
});
