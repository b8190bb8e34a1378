// The destinations that startStream takes, whatever their kind, and what its errors say: never the key.
import * as v from "valibot";
import { expect, test } from "vitest";
import {
  MAX_DESTINATIONS,
  parseDestination,
  parseStartStreamOptions,
  StartStreamOptionsSchema,
} from "../../../protocol/options.ts";

const SECRET = "hunter22";
const many = (count: number) => Array.from({ length: count }, (_, index) => ({ url: `rtmp://host/app/${index}` }));

test("are none, or a list in the order given", () => {
  expect(parseStartStreamOptions().destinations).toEqual([]);
  const destinations = [
    { url: "rtmp://host/app", key: SECRET, name: "Twitch" },
    { url: "whip+https://host/live" },
    ...many(6),
  ];
  const parsed = parseStartStreamOptions({ destinations }).destinations;
  expect(parsed).toMatchObject(destinations);
  expect(new Set(parsed.map(({ destination_id }) => destination_id)).size).toBe(destinations.length);
});

test("a service's name stands for its address, and is the destination's name where none is given", () => {
  expect(parseDestination({ url: "twitch", key: SECRET })).toMatchObject({
    ...{ url: "rtmp://live.twitch.tv/app", name: "Twitch", key: SECRET },
  });
  expect(parseDestination({ url: "YouTube", name: "second" })).toMatchObject({
    ...{ url: "rtmps://a.rtmps.youtube.com:443/live2", name: "second" },
  });
  expect(parseStartStreamOptions({ destinations: [{ url: "facebook" }] }).destinations[0]).toMatchObject({
    ...{ url: "rtmps://live-api-s.facebook.com:443/rtmp", name: "Facebook" },
  });
});

test("one that is added later is checked alike, its fields named without a place", () => {
  const id = /^destination_[a-z0-9]{18}$/;
  expect(parseDestination({ url: "rtmp://host/app" }).destination_id).toMatch(id);
  expect(() => parseDestination({ url: SECRET })).toThrow(
    "Option url: the given value is not allowed. Allowed: an address with its scheme, such as rtmp://server/application, or one of twitch, youtube, facebook.",
  );
  expect(() => parseDestination({ url: "rtmp://a/b", token: SECRET })).toThrow("Unknown option token");
  expect(() => parseDestination(SECRET)).toThrow("Option destination: the given value");
  expect(() => parseDestination({ url: "rtmp://a/b", destination_id: "mine" })).toThrow(
    "Unknown option destination_id",
  );
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
    "Option destinations[0].url: leaving it out is not allowed. Allowed: an address with its scheme",
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

test("where people watch is an address of the web", () => {
  const watch_url = "https://twitch.example/ada?a=b";
  expect(parseDestination({ url: "twitch", watch_url })).toMatchObject({ watch_url, name: "Twitch" });
  for (const wrong of [
    "twitch.example/ada",
    "javascript:alert(1)",
    "file:///etc/hosts",
    "https://a b",
    "https://",
    `https://a/${"b".repeat(2_000)}`,
  ]) {
    expect(() => parseDestination({ url: "twitch", watch_url: wrong }), wrong).toThrow(
      "Option watch_url: the given value is not allowed. Allowed: an address that begins with https:// or http://",
    );
  }
});
