// The watch on content as it was measured: keyframes, scrolling text, video, noise, and the way back.
import { describe, expect, it } from "vitest";
import { type BitrateVerdict, BitrateWatch } from "../../../../native-host/ingest/bitrate-watch.ts";

const CAP = 1_500_000;

/** Feeds slices of 100 ms: a keyframe of `key` caps·s each second, the rest at `rate` caps. */
function feed(
  watch: BitrateWatch,
  from: number,
  seconds: number,
  key: number,
  rate: number,
): [number, BitrateVerdict][] {
  const heard: [number, BitrateVerdict][] = [];
  for (let at = from; at < from + seconds * 1000; at += 100) {
    const bits = (rate * 0.1 + (at % 1000 === 0 ? key : 0)) * CAP;
    heard.push([at, watch.add(at, bits / 8)]);
  }
  return heard;
}
const first = (heard: [number, BitrateVerdict][]) => heard.find(([, verdict]) => verdict !== "keep");
const watch = (cap: number | null = CAP) => new BitrateWatch({ cap, keyframe_interval: 1000, other_bitrate: 0 });

describe("BitrateWatch", () => {
  it("leaves scrolling text with large keyframes alone", () => {
    expect(first(feed(watch(), 0, 20, 0.57, 0.32))).toBeUndefined();
  });

  it("leaves one change of the page alone, though two large frames fall into one second", () => {
    const watched = watch();
    expect(first(feed(watched, 0, 5, 0.57, 0.05))).toBeUndefined();
    expect(watched.add(5_000, (1.2 * CAP) / 8)).toBe("keep");
    expect(first(feed(watched, 5_100, 5, 0.57, 0.05))).toBeUndefined();
  });

  it("takes over from playing video within 1.4 s", () => {
    const watched = watch();
    feed(watched, 0, 5, 0.3, 0.1);
    expect(first(feed(watched, 5_000, 5, 0.1, 1.6))).toEqual([expect.any(Number), "take_over"]);
    const again = watch();
    feed(again, 0, 5, 0.3, 0.1);
    expect(first(feed(again, 5_000, 5, 0.1, 1.6))?.[0]).toBeLessThanOrEqual(6_400);
  });

  it("takes over at once from what is far above the cap, as soon as it is seen to be no page change", () => {
    const watched = watch();
    feed(watched, 0, 5, 0.3, 0.1);
    const [at, verdict] = first(feed(watched, 5_100, 5, 0.1, 3)) ?? [];
    expect(verdict).toBe("take_over");
    expect(at).toBeLessThanOrEqual(5_700);
  });

  it("takes over from what stays just above the cap, before four seconds of it are over", () => {
    const [at, verdict] = first(feed(watch(), 0, 10, 0.3, 0.73)) ?? [];
    expect(verdict).toBe("take_over");
    expect(at).toBeLessThan(3_600);
  });

  it("takes over from noise in its first two chunks", () => {
    const watched = watch();
    feed(watched, 0, 5, 0.3, 0.1);
    const [at, verdict] = first(feed(watched, 5_000, 2, 0, 35)) ?? [];
    expect(verdict).toBe("take_over");
    expect(at).toBeLessThanOrEqual(5_100);
  });

  it("takes over where keyframes alone break the cap for good", () => {
    expect(first(feed(watch(), 0, 10, 1.2, 0.02))?.[1]).toBe("take_over");
  });

  it("leaves a still page alone whose keyframes just fit into the cap, and one change of it", () => {
    const watched = watch();
    expect(watched.add(0, (1.07 * CAP) / 8)).toBe("keep"); // the first one is larger
    expect(first(feed(watched, 100, 0.7, 0, 0.01))).toBeUndefined();
    expect(watched.opening(800)).toBe("browser");
    expect(first(feed(watched, 1_000, 10, 0.89, 0.01))).toBeUndefined();
    expect(watched.add(11_050, (1.2 * CAP) / 8)).toBe("keep");
    expect(first(feed(watched, 11_100, 10, 0.89, 0.01))).toBeUndefined();
  });

  it("takes over from a still page that changes again and again at that price", () => {
    const watched = watch();
    expect(first(feed(watched, 0, 5, 0.89, 0.01))).toBeUndefined();
    for (const at of [5_050, 6_550]) {
      watched.add(at, (1.2 * CAP) / 8);
      if (first(feed(watched, Math.ceil(at / 100) * 100, 1.5, 0.89, 0.01))?.[1] === "take_over") return;
    }
    expect.unreachable();
  });

  it("counts a keyframe that comes in pieces as one", () => {
    const watched = watch();
    for (let second = 0; second < 10; second++) {
      for (let piece = 0; piece < 4; piece++)
        expect(watched.add(second * 1_020 + 2 * piece, (0.22 * CAP) / 8)).toBe("keep");
      expect(first(feed(watched, second * 1_020 + 100, 0.9, 0, 0.01))).toBeUndefined();
    }
  });

  it("leaves an encoder alone that spends most on its first frames, not one that goes on like that", () => {
    const settling = () => new BitrateWatch({ cap: CAP, keyframe_interval: 1000, other_bitrate: 0, settling: 500 });
    /** Of x264 on a page of 0.7 caps: kbit in each tenth of a second. */
    const opening = [500, 267, 221, 187, 168, 229, 53, 3, 1, 110, 129, 279, 135, 265, 121, 53, 102, 36, 135, 127, 129];
    const beginning = settling();
    const heard = opening.map((kbit, index) => beginning.add(index * 100, (kbit * 1000) / 8));
    expect(new Set(heard)).toEqual(new Set(["keep"]));
    expect(first(feed(settling(), 0, 2, 0.4, 1.2))).toEqual([expect.any(Number), "take_over"]);
    expect(first(feed(settling(), 0, 1, 0, 40))?.[0]).toBeLessThan(200);
  });

  it("gives a page that stands still back, though its keyframes take nearly the whole cap", () => {
    const watched = watch();
    watched.switched("host", 0);
    expect(first(feed(watched, 0, 20, 0.89, 0.01))?.[1]).toBe("give_back");
    const hard = watch();
    hard.switched("host", 0);
    expect(first(feed(hard, 0, 20, 1.3, 0.01))).toBeUndefined();
  });

  it("has nothing to do without a cap", () => {
    expect(first(feed(watch(null), 0, 5, 3, 30))).toBeUndefined();
    expect(watch(null).opening(0)).toBe("browser");
  });

  it("does not count the sound that arrives in the same bytes", () => {
    const sounding = new BitrateWatch({ cap: CAP, keyframe_interval: 1000, other_bitrate: 0.3 * CAP });
    expect(first(feed(sounding, 0, 10, 0.3, 0.9))).toBeUndefined();
    expect(first(feed(watch(), 0, 10, 0.3, 0.9))?.[1]).toBe("take_over");
  });

  it("gives back after five seconds of calm, and waits longer after each relapse", () => {
    const watched = watch();
    watched.switched("host", 0);
    expect(first(feed(watched, 0, 3, 0.1, 1.6))).toBeUndefined();
    const [calm] = first(feed(watched, 3_000, 20, 0.1, 0.1)) ?? [];
    expect(calm).toBeGreaterThanOrEqual(7_900);
    expect(calm).toBeLessThanOrEqual(9_100);
    watched.switched("browser", 9_100);
    watched.switched("host", 15_000);
    const [later] = first(feed(watched, 15_000, 40, 0.1, 0.1)) ?? [];
    expect(later).toBeGreaterThanOrEqual(25_000);
    expect(later).toBeLessThanOrEqual(26_000);
  });

  it("judges the opening by its keyframe also where that is not in the first chunk", () => {
    const watched = watch();
    watched.add(0, 40);
    watched.add(100, (0.6 * CAP) / 8);
    feed(watched, 200, 0.7, 0, 0.25);
    expect(watched.opening(800)).toBe("browser");
  });

  it.each([
    ["text that scrolls", 0.57, 0.31, "browser", 900],
    ["a page where little moves", 0.3, 0.2, "browser", 100],
    ["playing video", 0.13, 1.5, "host", 600],
    ["noise", 1, 35, "host", 0],
  ])("judges the opening: %s", (_name, key, rate, maker, by) => {
    const watched = watch();
    let known: [number, string] | null = null;
    for (let at = 0; known === null && at < 2_000; at += 100) {
      feed(watched, at, 0.1, at === 0 ? key : 0, rate);
      const judged = watched.opening(at);
      if (judged) known = [at, judged];
    }
    expect(known?.[1]).toBe(maker);
    expect(known?.[0]).toBeLessThanOrEqual(by);
  });
});
