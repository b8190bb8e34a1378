// The four kinds of tests: unit (fast, parallel), host (real processes), e2e (real Chromium), long (what takes minutes or
// needs a machine set up for it; `npm run test:long`, not part of `npm test`).
import { defineConfig } from "vitest/config";

// The examples import the package by its name, as its users do.
const resolve = { alias: { "flybrowser-stream": new URL("./sdk/index.ts", import.meta.url).pathname } };

// Build servers share their cores, and browsers, hosts, FFmpeg and HTTP clients run in real time: there a failed test is tried once
// more, and scripts/test.mjs lists it. At a desk a flaky test fails.
const retry = process.env.CI ? 1 : 0;

/** How slow this machine is (scripts/setup/pace.mjs): limits are so many times as long. */
const PACE = Number(process.env.TEST_PACE ?? 1);
const expected = { poll: { timeout: 1_000 * PACE } };

/** Unit tests that need modules of their own: they put others in the place of Chrome's or Node's. */
const MOCKED = ["test/unit/{extension,player,sdk}/**/*.test.{ts,tsx}"];

// `isolate: false`: modules are loaded once for all files of a worker, which takes half the time of unit tests, and a tenth of the
// others'. A file puts back what it changes of a module or the environment.
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/unit/**/*.test.{ts,tsx}"],
          exclude: MOCKED,
          isolate: false,
          retry,
          expect: expected,
          testTimeout: 10_000 * PACE,
        },
      },
      { test: { name: "unit-mocked", include: MOCKED, retry, expect: expected, testTimeout: 10_000 * PACE } },
      {
        test: {
          name: "host",
          include: ["test/host/**/*.test.ts"],
          isolate: false,
          retry,
          expect: expected,
          testTimeout: 30_000 * PACE,
          hookTimeout: 30_000 * PACE,
        },
      },
      {
        resolve,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          isolate: false,
          testTimeout: 120_000 * PACE,
          hookTimeout: 60_000 * PACE,
          expect: expected,
          retry,
        },
      },
      {
        resolve,
        test: { name: "long", include: ["test/long/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 60_000 },
      },
    ],
  },
});
