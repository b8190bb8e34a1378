// The destinations that startStream takes, whatever their kind, and what its errors say: never the key.
import * as v from "valibot";
import { expect, test } from "vitest";
import { MAX_DESTINATIONS, parseStartStreamOptions, StartStreamOptionsSchema } from "../../../protocol/options.ts";

const SECRET = "hunter22";
const many = (count: number) => Array.from({ length: count }, (_, index) => ({ url: `rtmp://host/app/${index}` }));

test("are none, or a list in the order given", () => {
  expect(parseStartStreamOptions().destinations).toEqual([]);
  const destinations = [
    { url: "rtmp://host/app", key: SECRET, name: "Twitch" },
    { url: "whip+https://host/live" },
    ...many(6),
  ];
  expect(parseStartStreamOptions({ destinations }).destinations).toEqual(destinations);
});

test.each([
  [
    { destinations: SECRET },
    "invalid_option",
    "Option destinations: the given value is not allowed. Allowed: a list of at most 8",
  ],
  [{ destinations: many(9) }, "invalid_option", "a list of at most 8"],
  [
    { destinations: [{ url: "rtmp://a/b" }, SECRET] },
    "invalid_option",
    "Option destinations[1]: the given value is not allowed. Allowed: an object with url, key, name",
  ],
  [
    { destinations: [{ key: SECRET }] },
    "invalid_option",
    "Option destinations[0].url: undefined is not allowed. Allowed: an address with its scheme",
  ],
  [{ destinations: [{ url: SECRET }] }, "invalid_option", "Option destinations[0].url: the given value"],
  [
    { destinations: [{ url: `rtmp://host/app/${SECRET} ` }] },
    "invalid_option",
    "Option destinations[0].url: the given value",
  ],
  [
    { destinations: [{ url: "rtmp://a/b", key: `${SECRET} x` }] },
    "invalid_option",
    "Option destinations[0].key: the given value is not allowed. Allowed: a string without spaces",
  ],
  [{ destinations: [{ url: "rtmp://a/b", key: 12345678 }] }, "invalid_option", "destinations[0].key"],
  [
    { destinations: [{ url: "rtmp://a/b", name: "" }] },
    "invalid_option",
    "destinations[0].name: the given value is not allowed. Allowed: a string of 1 to 80",
  ],
  [
    { destinations: [{ url: "rtmp://a/b", token: SECRET }] },
    "unknown_option",
    "Unknown option destinations[0].token. Known options: url, key, name",
  ],
  [{ protocol: "rtmp", rtmp_url: `http://host/app/${SECRET}` }, "invalid_option", "Option rtmp_url: the given value"],
  [
    { protocol: "rtmp", rtmp_url: "rtmp://a/b", rtmp_key: `${SECRET} x` },
    "invalid_option",
    "Option rtmp_key: the given value",
  ],
  [`rtmp://host/app/${SECRET}`, "invalid_option", "Option options: the given value"],
])(
  "%o is refused: which entry, which field, what is allowed, and nothing of what was given",
  (input, code, message) => {
    const parse = () => parseStartStreamOptions(input);
    expect(parse).toThrow(expect.objectContaining({ code, message: expect.stringContaining(message) }));
    expect(parse).toThrow(expect.not.objectContaining({ message: expect.stringContaining(SECRET) }));
    // What other edges make of the schema's own words.
    const issues = v.safeParse(StartStreamOptionsSchema, input).issues ?? [];
    const told = issues.filter(({ path }) => path !== undefined).map(({ message }) => message);
    for (const each of told) expect(each).not.toMatch(/hunter22|12345678/);
  },
);

test("rtmp_url is one of the eight", () => {
  const rtmp = { protocol: "rtmp", rtmp_url: "rtmp://host/app" } as const;
  expect(parseStartStreamOptions({ ...rtmp, destinations: many(MAX_DESTINATIONS - 1) }).destinations).toHaveLength(7);
  expect(() => parseStartStreamOptions({ ...rtmp, destinations: many(MAX_DESTINATIONS) })).toThrow(
    "at most 7 beside rtmp_url",
  );
});
