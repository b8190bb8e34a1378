// Words over a picture: what is covered of its pixels, how lines break, when they go. How they look: test/e2e/unseen.test.ts.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { HeldPicture } from "../../../../extension/offscreen/held-picture.ts";
import { type Card, Notice, withCard, wrapped } from "../../../../extension/offscreen/notice.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const CARD: Card = {
  ...{ text: "x", for_width: 8, for_height: 6 },
  ...{ left: 2, top: 2, width: 4, height: 2, greys: Uint8Array.of(255, 0, 255, 0, 0, 255, 0, 255) },
};

function picture(format: VideoPixelFormat, bytes: number, layout: PlaneLayout[]): HeldPicture {
  const size = { codedWidth: 8, codedHeight: 6, displayWidth: 8, displayHeight: 6 };
  return { pixels: new Uint8Array(bytes).fill(7), layout: { format, ...size, layout } };
}

/** Where a picture's bytes are others than before. */
const changed = ({ pixels }: HeldPicture) => [...pixels.entries()].filter(([, value]) => value !== 7);

test("I420: luma of limited range, colours grey, nothing beside it, the picture itself as it was", () => {
  const plain = picture("I420", 72, [
    { offset: 0, stride: 8 },
    { offset: 48, stride: 4 },
    { offset: 60, stride: 4 },
  ]);
  const luma = [
    ...([[18, 235] as const, [19, 16] as const, [20, 235] as const, [21, 16] as const] as const),
    ...([[26, 16] as const, [27, 235] as const, [28, 16] as const, [29, 235] as const] as const),
  ];
  expect(changed(withCard(plain, CARD))).toEqual([...luma, [53, 128], [54, 128], [65, 128], [66, 128]]);
  expect(changed(plain)).toEqual([]);
});

test("NV12: both colours in one plane; BGRA: all three, opaque; others as they are", () => {
  const nv12 = withCard(
    picture("NV12", 72, [
      { offset: 0, stride: 8 },
      { offset: 48, stride: 8 },
    ]),
    CARD,
  );
  expect(changed(nv12).slice(8)).toEqual([58, 59, 60, 61].map((at) => [at, 128]));
  const bgra = withCard(picture("BGRA", 192, [{ offset: 0, stride: 32 }]), CARD);
  expect([...bgra.pixels.slice(72, 80)]).toEqual([255, 255, 255, 255, 0, 0, 0, 255]);
  expect(changed(bgra)).toHaveLength(32);
  const other = picture("I444", 144, [{ offset: 0, stride: 8 }]);
  expect(withCard(other, CARD)).toBe(other);
});

test("lines break between words, within those that are too long, and end after five", () => {
  const lines = (text: string, width: number) => wrapped(text, width, (part) => part.length);
  expect(lines("Dialog: Delete all?", 30)).toEqual(["Dialog: Delete all?"]);
  expect(lines("Dialog: Delete all?", 10)).toEqual(["Dialog:", "Delete", "all?"]);
  expect(lines("a verylongwordindeed b", 6)).toEqual(["a", "verylo", "ngword", "indeed", "b"]);
  expect(lines("1 2 3 4 5 6 7", 1)).toEqual(["1", "2", "3", "4", "…"]);
  expect(lines("", 10)).toEqual([""]);
});

test("words stay for their seconds, longer if they are asked for again; each change is told once", () => {
  const notice = new Notice();
  let changes = 0;
  const unlisten = notice.onChange(() => changes++);
  notice.show("Dialog", 10);
  vi.advanceTimersByTime(8_000);
  notice.show("Dialog", 10);
  vi.advanceTimersByTime(9_000);
  expect([notice.isShown, changes]).toEqual([true, 1]);
  vi.advanceTimersByTime(1_000);
  expect([notice.isShown, changes]).toEqual([false, 2]);
  notice.show("Dialog", 10);
  notice.show(null, 0);
  expect([notice.isShown, changes]).toEqual([false, 4]);
  vi.advanceTimersByTime(20_000);
  unlisten();
  notice.show("Dialog", 10);
  expect(changes).toBe(4);
});

test("without words a picture stays the same one", () => {
  const plain = picture("I420", 72, []);
  expect(new Notice().over(plain)).toBe(plain);
});
