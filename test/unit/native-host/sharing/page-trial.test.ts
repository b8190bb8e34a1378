// Where a destination's viewers watch: a page that answers is good, a playlist only if it is of now.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { tryPage } from "../../../../native-host/sharing/page-trial.ts";
import { say } from "../../../../protocol/sentence.ts";

const NOW = Date.parse("2030-01-01T12:00:00Z");
const OLD = "the playlist there isn't of now";

let server: Server;
let answers: Record<string, string>;
let asked: string[];

beforeEach(async () => {
  [answers, asked] = [{}, []];
  server = createServer((request, response) => {
    asked.push(request.url ?? "");
    const answer = answers[request.url ?? ""];
    response.statusCode = answer === undefined ? 404 : 200;
    response.end(answer);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const wrong = async (path: string, port = (server.address() as AddressInfo).port) => {
  const reason = await tryPage(`http://127.0.0.1:${port}${path}`, { now: NOW });
  return reason && say(reason);
};

/** A media playlist of two segments of 2 s that ends so many s ago. */
const playlist = (ago: number, ...more: string[]) =>
  [
    ...["#EXTM3U", "#EXT-X-TARGETDURATION:2"],
    ...[`#EXT-X-PROGRAM-DATE-TIME:${new Date(NOW - ago * 1000 - 4_000).toISOString()}`, "#EXTINF:2.0,", "a.m4s"],
    ...["#EXTINF:2.0,", "b.m4s", ...more, ""],
  ].join("\n");

test("a page that answers is good, whatever it shows; one that isn't there, or a server, is not", async () => {
  answers["/channel"] = "<!doctype html><video>";
  expect(await wrong("/channel")).toBeNull();
  expect(await wrong("/other")).toBe("it answered with status 404");
  expect(await wrong("/channel", 9)).toMatch(/^there was no answer \(.+\)$/);
});

test("a playlist is good while it goes on: by the first variant of a multivariant one", async () => {
  answers["/live/index.m3u8"] =
    "#EXTM3U\r\n#EXT-X-STREAM-INF:BANDWIDTH=1\r\nvideo.m3u8?a=b\r\n#EXT-X-STREAM-INF:BANDWIDTH=2\r\nlow.m3u8\r\n";
  expect(await wrong("/live/index.m3u8")).toBe("it answered with status 404");
  answers["/live/video.m3u8?a=b"] = playlist(3);
  expect(await wrong("/live/index.m3u8")).toBeNull();
  expect(asked.at(-1)).toBe("/live/video.m3u8?a=b");
  answers["/live/video.m3u8?a=b"] = playlist(70);
  expect(await wrong("/live/index.m3u8")).toBe(OLD);
});

test.each([
  ["that has ended", playlist(3, "#EXT-X-ENDLIST"), OLD],
  ["without a segment", "#EXTM3U\n#EXT-X-TARGETDURATION:2\n", OLD],
  ["with the date of its first segment alone", playlist(59), null],
  ["without dates", playlist(3).replace(/#EXT-X-PROGRAM.*\n/, ""), null],
])("a playlist %s", async (_what, text, reason) => {
  answers["/a.m3u8"] = text;
  expect(await wrong("/a.m3u8")).toBe(reason);
});
