// Where a paired page may have its stream sent: not into this machine, and not at its user's cost.
import { expect, test } from "vitest";
import { parsePageParams } from "../../../protocol/page-messages.ts";

const start = (...urls: string[]) =>
  parsePageParams("startStream", { options: { destinations: urls.map((url) => ({ url, key: "a-long-secret" })) } });

test("servers elsewhere, and services by name", () => {
  const urls = [
    "twitch",
    "rtmp://host/app",
    "rtmps://host/app",
    "srt://host:9000?streamid=a",
    "whip+https://host/whip",
  ];
  expect(start(...urls)).toMatchObject({ options: { destinations: urls.map((url) => ({ url })) } });
});

test("where people watch is not for a page to say: the host would open it, and the popup show it as the link", () => {
  const destinations = [{ url: "rtmp://host/app", key: "a-long-secret", watch_url: "https://host/watch" }];
  expect(() => parsePageParams("startStream", { options: { destinations } })).toThrow(
    "Option destinations[0].watch_url: the given value is not allowed. Allowed: nothing; only the user names where people watch",
  );
});

test.each([
  "s3://bucket/prefix",
  "hls+https://host/live",
  "hls+http://127.0.0.1:80/live",
  "whip+http://127.0.0.1/whip",
  "srt://:9000?mode=listener",
  "SRT://host:9000?latency=200&mode=listener",
])("%s is not for pages", (url) => {
  expect(() => start("rtmp://host/app", url)).toThrow(
    "Option destinations[1].url: the given value is not allowed. Allowed: for a page, an address that begins with",
  );
});
