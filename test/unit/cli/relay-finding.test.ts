// What doctor says of WebRTC viewers: with the library, without it, and in the executable, which can't load one.
import { expect, test } from "vitest";
import { relayFinding } from "../../../cli/doctor/machine.ts";

const missing = () => {
  throw new Error("Cannot find module 'node-datachannel'\nRequire stack: …");
};

test.each([
  [relayFinding(() => ({}), false), "share one encoder (node-datachannel), 64 at a time", null],
  [
    relayFinding(missing, false),
    "have an encoder each, 4 at a time: Cannot find module 'node-datachannel'",
    expect.stringContaining("npm install node-datachannel"),
  ],
  [
    relayFinding(missing, true),
    "have an encoder each, 4 at a time: the single executable can't load node-datachannel",
    expect.stringContaining("npm package"),
  ],
])("%o", (finding, detail, fix) => {
  expect(finding).toMatchObject({ detail, fix });
});
