// Words over the picture while something is open: asked for until it is closed, the newest of several, never after the end.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { PictureNotice } from "../../../sdk/picture-notice.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PAGE = { isClosed: () => false };

function stage(stream_id: string | null = "stream_1") {
  const asked: (string | null)[] = [];
  const notice = new PictureNotice({
    ask: (ask) =>
      ask({
        showNotice: async (_id, { text }) => void asked.push(text),
        hideNotice: async () => void asked.push(null),
      }),
    streamId: () => stream_id,
  });
  return { notice, asked };
}

test("is shown until it is closed, and asked for again meanwhile", async () => {
  const { notice, asked } = stage();
  notice.show("Dialog: 1", PAGE);
  await vi.advanceTimersByTimeAsync(11_000);
  expect(asked).toEqual(["Dialog: 1", "Dialog: 1", "Dialog: 1"]);
  notice.close("Dialog: 1");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked.slice(3)).toEqual([null]);
});

test("what is closed at once isn't shown; of several the newest is; with the view's end none", async () => {
  const { notice, asked } = stage();
  notice.show("Dialog: 1", PAGE);
  notice.close("Dialog: 1");
  await vi.advanceTimersByTimeAsync(10);
  expect(asked).toEqual([]);
  notice.show("Dialog: 2", PAGE);
  await vi.advanceTimersByTimeAsync(10);
  notice.show("Dialog: 3", PAGE);
  await vi.advanceTimersByTimeAsync(10);
  notice.close("Dialog: 3");
  await vi.advanceTimersByTimeAsync(10);
  notice.closeAll();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual(["Dialog: 2", "Dialog: 3", "Dialog: 2", null]);
});

test("of a page that is closed with it nothing stays; without a stream nothing is asked", async () => {
  const { notice, asked } = stage();
  const page = { closed: false, isClosed: () => page.closed };
  notice.show("Dialog", page);
  await vi.advanceTimersByTimeAsync(10);
  page.closed = true;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(asked).toEqual(["Dialog", null]);
  const without = stage(null);
  without.notice.show("Dialog", PAGE);
  await vi.advanceTimersByTimeAsync(10);
  without.notice.close("Dialog");
  await vi.advanceTimersByTimeAsync(60_000);
  expect(without.asked).toEqual([]);
});
