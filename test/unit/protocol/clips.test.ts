// Which options a clip may have.
import { expect, test } from "vitest";
import { parseClipOptions } from "../../../protocol/clips.ts";

test("the last 30 seconds as MP4, unless told otherwise; a picture is the newest one", () => {
  expect(parseClipOptions()).toEqual({ format: "mp4", seconds: 30 });
  expect(parseClipOptions({ format: "gif", seconds: 5 })).toEqual({ format: "gif", seconds: 5 });
  expect(parseClipOptions({ task_id: "task_1" })).toEqual({ format: "mp4", task_id: "task_1" });
  expect(parseClipOptions({ format: "png" })).toEqual({ format: "png" });
});

test.each([
  [{ format: "avi" }, 'Option format: "avi" is not allowed. Allowed: mp4, gif, png.'],
  [{ seconds: 0 }, "Option seconds: 0 is not allowed. Allowed: a number from 0.1 to 3600."],
  [{ seconds: "5" }, 'Option seconds: "5" is not allowed. Allowed: a number from 0.1 to 3600.'],
  [{ task_id: "a b" }, 'Option task_id: "a b" is not allowed. Allowed: a task_id that beginTask returned.'],
  [{ task_id: "t", seconds: 5 }, "Option seconds: 5 is not allowed. Allowed: seconds or task_id, one of them."],
  [{ length: 5 }, "Unknown option length. Known options: task_id, seconds, format."],
  ["gif", 'Option options: "gif" is not allowed. Allowed: an object.'],
])("%j is refused", (input, message) => expect(() => parseClipOptions(input)).toThrow(message));
