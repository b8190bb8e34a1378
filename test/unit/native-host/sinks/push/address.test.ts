// Addresses of stores: what is taken, what is refused, what is shown, and how requests are signed.
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { httpTarget, s3Parts, s3Target } from "../../../../../native-host/sinks/push/address.ts";
import { createDestinations } from "../../../../../native-host/sinks/registry.ts";
import { parseStartStreamOptions } from "../../../../../protocol/options.ts";
import { TOOLS } from "../../../../fixtures/stream-outline.ts";

const SECRET = "hunter22";
const CREDENTIALS = { AWS_ACCESS_KEY_ID: "EXAMPLE", AWS_SECRET_ACCESS_KEY: SECRET };

test.each([
  [`hls+https://host/live?sig=${SECRET}`, "hls+https://host/live/", `https://host/live/a.m4s?sig=${SECRET}`, false],
  [`hls+http://u:${SECRET}@host:81?keep=all&sig=1`, "hls+http://host:81/", "http://host:81/a.m4s?sig=1", true],
  ["hls+https://host/a/b//?keep=all", "hls+https://host/a/b/", "https://host/a/b/a.m4s", true],
])("%s", (url, shown, file, keep) => {
  const target = httpTarget(url, SECRET);
  expect(target).toMatchObject({ public_url: shown, keep });
  expect(target?.urlOf("a.m4s")).toBe(file);
  expect(inspect(target, { depth: 9, showHidden: true }) + JSON.stringify(target)).not.toContain(SECRET);
});

const parts = (url: string) => s3Parts(url) ?? { bucket: "", prefix: "", keep: false };

test.each([
  ["s3://streams/a/b/", {}, "https://streams.s3.us-east-1.amazonaws.com/a/b/x.m4s", "us-east-1"],
  [
    "s3://my.streams",
    { AWS_REGION: "eu-north-1" },
    "https://s3.eu-north-1.amazonaws.com/my.streams/x.m4s",
    "eu-north-1",
  ],
  [
    "s3://streams/a",
    { AWS_DEFAULT_REGION: "auto", AWS_ENDPOINT_URL: "https://store.example/" },
    "https://store.example/streams/a/x.m4s",
    "auto",
  ],
  [
    "s3://streams/a",
    { AWS_ENDPOINT_URL: "https://other.example", AWS_ENDPOINT_URL_S3: "http://127.0.0.1:9000" },
    "http://127.0.0.1:9000/streams/a/x.m4s",
    "us-east-1",
  ],
])("%s with %o", async (url, env, file, region) => {
  const target = s3Target(parts(url), { ...CREDENTIALS, ...env });
  expect(target.urlOf("x.m4s")).toBe(file);
  const sent: Request[] = [];
  const { fetch } = globalThis;
  globalThis.fetch = (async (request: Request) => {
    sent.push(request);
    return new Response();
  }) as typeof fetch;
  try {
    await target.send(target.urlOf("x.m4s"), { method: "PUT", body: "x" });
  } finally {
    globalThis.fetch = fetch;
  }
  const authorization = sent[0]?.headers.get("authorization") ?? "";
  expect(authorization).toMatch(new RegExp(`^AWS4-HMAC-SHA256 Credential=EXAMPLE/\\d{8}/${region}/s3/aws4_request`));
  expect(authorization + inspect(target, { depth: 9, showHidden: true })).not.toContain(SECRET);
});

test.each([
  ["hls+https://", "destinations[0].url"],
  ["hls+https://host/live?keep=some", "destinations[0].url"],
  ["hls+https://host/live#part", "destinations[0].url"],
  ["s3://UPPER_CASE/a", "destinations[0].url"],
  ["s3://bucket/a?region=eu", "destinations[0].url"],
  ["s3://b", "destinations[0].url"],
])("%s is refused", (url, place) => {
  const make = () => createDestinations(parseStartStreamOptions({ destinations: [{ url }] }), false, TOOLS);
  expect(make).toThrow(expect.objectContaining({ code: "invalid_option", message: expect.stringContaining(place) }));
});

test("S3 takes no key, and says where credentials belong", () => {
  const make = (entry: object) => () =>
    createDestinations(parseStartStreamOptions({ destinations: [entry] }), false, TOOLS);
  expect(make({ url: "s3://bucket/a", key: SECRET })).toThrow(
    "destinations[0].key: the given value is not allowed. Allowed: none",
  );
  expect(make({ url: "s3://bucket/a", key: SECRET })).not.toThrow(SECRET);
  expect(() => s3Target(parts("s3://bucket/a"), {})).toThrow(
    expect.objectContaining({ code: "environment_unusable", fix: expect.stringContaining("AWS_ACCESS_KEY_ID") }),
  );
});
