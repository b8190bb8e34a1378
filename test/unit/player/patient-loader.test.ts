// A connection that is refused, and what hls.js is told of it.
import type { LoaderCallbacks, LoaderConfiguration, LoaderContext } from "hls.js";
import { expect, it, vi } from "vitest";
import { PatientLoader } from "../../../player/engines/patient-loader.ts";

type Load = [LoaderContext, LoaderConfiguration, LoaderCallbacks<LoaderContext>];
const { loads } = vi.hoisted(() => ({ loads: [] as Load[] }));

vi.mock("hls.js", () => ({
  default: {
    DefaultConfig: {
      loader: class {
        load(...load: Load) {
          loads.push(load);
        }
      },
    },
  },
}));

const context = { url: "http://h/video-1.0.m4s", responseType: "arraybuffer" } as LoaderContext;
const policy = { maxTimeToFirstByteMs: 9, maxLoadTimeMs: 99, timeoutRetry: null, errorRetry: null };
const config = { loadPolicy: policy, timeout: 99, maxRetry: 0, retryDelay: 0, maxRetryDelay: 0 } as LoaderConfiguration;
const load = (onSuccess: LoaderCallbacks<LoaderContext>["onSuccess"]) => {
  loads.length = 0;
  new PatientLoader({} as never).load(context, config, { onSuccess, onError: () => {}, onTimeout: () => {} });
  return loads[0] as Load;
};

it("tries a refused connection every 0.2 s for 6 s, and nothing else; timeouts stay as they were", () => {
  const [, { loadPolicy }] = load(() => {});
  const { errorRetry, ...rest } = loadPolicy;
  expect(rest).toEqual({ maxTimeToFirstByteMs: 9, maxLoadTimeMs: 99, timeoutRetry: null });
  expect(errorRetry).toMatchObject({ maxNumRetry: 30, retryDelayMs: 200, maxRetryDelayMs: 200 });
  const again = (code: number, count: number) =>
    errorRetry?.shouldRetry?.(errorRetry, count, false, { url: context.url, code }, true);
  expect([again(0, 0), again(0, 29), again(0, 30)]).toEqual([true, true, false]);
  expect([again(404, 0), again(503, 0)]).toEqual([false, false]);
});

it("doesn't count the time without a host as that of the line", () => {
  const begins: number[] = [];
  const [, , callbacks] = load((_response, stats) => begins.push(stats.loading.start));
  const done = (retry: number) => {
    const stats = { retry, loading: { start: 1_000, first: 4_000, end: 4_050 } };
    callbacks.onSuccess({ url: context.url, data: "" }, stats as never, context, null);
  };
  done(0);
  done(3);
  expect(begins).toEqual([1_000, 4_000]);
});
