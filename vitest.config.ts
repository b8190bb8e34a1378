// Which tests there are and how they run: unit (fast, parallel), host (real processes), e2e (real Chromium), long (what
// takes minutes or needs a machine set up for it; `npm run test:long`, not part of `npm test`).
// Never holds what a test needs beyond its time limits.
import { defineConfig } from "vitest/config";

// The examples import the package by its name, as its users do.
const resolve = { alias: { "flybrowser-stream": new URL("./sdk/index.ts", import.meta.url).pathname } };

// A browser, a host and FFmpeg in real time on a shared machine: what fails is tried once more, and told (scripts/test.mjs).
export default defineConfig({
  test: {
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.{ts,tsx}"], testTimeout: 10_000 } },
      {
        test: { name: "host", include: ["test/host/**/*.test.ts"], retry: 1, testTimeout: 30_000, hookTimeout: 30_000 },
      },
      {
        resolve,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          testTimeout: 120_000,
          hookTimeout: 60_000,
          retry: 1,
        },
      },
      {
        resolve,
        test: { name: "long", include: ["test/long/**/*.test.ts"], testTimeout: 300_000, hookTimeout: 60_000 },
      },
    ],
  },
});
