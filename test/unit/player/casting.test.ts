// From which addresses a stream can be played on another device.
import { expect, test } from "vitest";
import { isCastable } from "../../../player/views/casting.ts";

const able = { remote: true, hls: true };

test.each([
  ["http://192.168.1.5:4100/s/a/b/", able, true],
  ["https://live.example/s/a/b/", able, true],
  ["http://127.0.0.1:4100/s/a/b/", able, false],
  ["http://localhost:4100/s/a/b/", able, false],
  ["http://app.localhost/s/a/b/", able, false],
  ["http://[::1]:4100/s/a/b/", able, false],
  ["http://[fd00::2]:4100/s/a/b/", able, true],
  ["https://live.example/s/a/b/", { remote: false, hls: true }, false],
  ["https://live.example/s/a/b/", { remote: true, hls: false }, false],
])("%s, %o: %s", (base, browser, castable) => expect(isCastable(new URL(base), browser)).toBe(castable));
