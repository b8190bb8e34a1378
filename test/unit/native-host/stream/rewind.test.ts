import { expect, test } from "vitest";
import { endedSeconds, rewindWindow } from "../../../../native-host/stream/rewind.ts";

const MIB = 1024 * 1024;

test.each([
  [{}, 60, 64],
  [{ FLYBROWSER_REWIND_SECONDS: "20" }, 20, 64],
  [{ FLYBROWSER_REWIND_SECONDS: "600" }, 600, 640],
  [{ FLYBROWSER_REWIND_SECONDS: "600", FLYBROWSER_REWIND_MIB: "100" }, 600, 100],
  // What can't be is left out, and told in the log.
  [{ FLYBROWSER_REWIND_SECONDS: "1", FLYBROWSER_REWIND_MIB: "many" }, 60, 64],
])("%o keeps %i s and %i MiB", (environment, seconds, mebibytes) => {
  expect(rewindWindow(environment)).toEqual({ seconds, bytes: mebibytes * MIB });
});

test.each([
  [{}, 30],
  [{ FLYBROWSER_ENDED_SECONDS: "3600" }, 3600],
  [{ FLYBROWSER_ENDED_SECONDS: "0" }, 30],
  [{ FLYBROWSER_ENDED_SECONDS: "for ever" }, 30],
])("%o shows an ended stream for %i s", (environment, seconds) => {
  expect(endedSeconds(environment)).toBe(seconds);
});
