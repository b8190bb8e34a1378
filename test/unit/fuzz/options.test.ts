// What a program can give to the SDK, the command and the control API: options of any kind.
import fc from "fast-check";
import { expect, test } from "vitest";
import { FlyBrowserError } from "../../../protocol/errors.ts";
import { parseStartRecordingOptions, parseStartStreamOptions } from "../../../protocol/options.ts";
import { PARAMETERS, TIMEOUT } from "./runs.ts";

const anything = fc.anything({ maxDepth: 3, withBigInt: true, withDate: true, withNullPrototype: true });
const SECRET = "sk_no_word_of_chance";
const named = fc.record(
  {
    ...{ protocol: anything, quality: anything, codec: anything, width: anything, height: anything, audio: anything },
    rtmp_url: fc.oneof(
      anything,
      fc.webUrl().map((url) => url.replace(/^https?/, "rtmp")),
    ),
    rtmp_key: fc.constant(SECRET),
    destinations: fc.oneof(
      anything,
      fc.array(fc.record({ url: anything, key: fc.constant(SECRET) }), { maxLength: 3 }),
    ),
    ...{ format: anything, path: anything },
  },
  { requiredKeys: [] },
);

test("options of any kind are taken, or refused in words that show no key", { timeout: TIMEOUT }, () => {
  fc.assert(
    fc.property(
      fc.oneof(anything, named),
      fc.constantFrom(parseStartStreamOptions, parseStartRecordingOptions),
      (options, parse) => {
        try {
          (parse as (input: unknown) => unknown)(options);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(FlyBrowserError);
          expect((thrown as FlyBrowserError).message).not.toContain(SECRET);
        }
      },
    ),
    PARAMETERS,
  );
});

test("options that hold themselves are refused as others are", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  expect(() => parseStartStreamOptions({ quality: circular })).toThrow(FlyBrowserError);
});
