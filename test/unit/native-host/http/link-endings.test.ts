// What is open by a link ends with it: a playlist that waits, a segment that grows, the events; and when a stream is shared with
// fewer.
import { get, type IncomingMessage } from "node:http";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Links } from "../../../../native-host/stream/links.ts";
import { parseLinkOptions } from "../../../../protocol/links.ts";
import { until } from "../../../host/harness/processes.ts";
import { feed, makeRun } from "../packager/media.ts";
import { startServer, type TestServer, TestStream, TOKEN } from "./live-stream.ts";

let http: TestServer;
let stream: TestStream;
let media: Awaited<ReturnType<typeof makeRun>>;

beforeEach(async () => {
  http = await startServer();
  stream = new TestStream();
  media ??= await makeRun({ seconds: 3, offset: 0.5 });
  for (const _ of feed(stream.packager, 0, media));
  http.streams.add(stream);
}, 60_000);
afterEach(() => http.close());

/** What becomes of a response: `headers` once it has begun, `over` once it or its connection has ended. */
function ask(path: string, headers: Record<string, string> = {}) {
  let begun: (answer: IncomingMessage | null) => void;
  const answer = new Promise<IncomingMessage | null>((resolve) => {
    begun = resolve;
  });
  const over = new Promise<string>((resolve) => {
    const asked = get({ agent: false, port: http.port, host: "127.0.0.1", path, headers }, (response) => {
      begun(response);
      response.resume();
      response.once("end", () => resolve("end"));
      response.once("error", () => resolve("cut off"));
    });
    asked.once("error", () => {
      begun(null);
      resolve("cut off");
    });
  });
  return { answer, over };
}

const linkOf = (name: string) => {
  const link_id = (stream.links as Links).create(parseLinkOptions({ name }));
  const url = (stream.links as Links).statuses({ base: "", viewers: () => 0 }).find((link) => link.link_id === link_id);
  return { link_id, path: url?.player_url.replace(/player$/, "") ?? "" };
};

test("revoked: 404 at once, what is open is cut off, and another link goes on", async () => {
  const { link_id, path } = linkOf("Ada");
  const last = stream.packager.main?.position ?? { msn: 0, part: 0 };
  const waiting = (at: string) => ask(`${at}video.m3u8?_HLS_msn=${last.msn + 1}`, { "user-agent": "another" });
  const events = ask(`${path}events`);
  await events.answer;
  const other = ask(`/s/one/${TOKEN}/events`);
  await other.answer;
  expect(http.server.linkViewers("one", link_id)).toBe(1);
  const playlist = waiting(path);
  await until("the request to have come", () => http.server.linkViewers("one", link_id) === 2);
  expect(http.server.viewerCount("one")).toBe(3);
  (stream.links as Links).revoke(link_id);
  expect(await Promise.all([events.over, playlist.over])).toEqual(["cut off", "cut off"]);
  for (const file of ["player", "state", "events", "index.m3u8", "manifest.mpd", "video.m3u8"]) {
    expect([file, (await fetch(http.origin + path + file)).status]).toEqual([file, 404]);
  }
  expect((await fetch(`${http.origin}/s/one/${TOKEN}/state`)).status).toBe(200);
  expect(await Promise.race([other.over, "open"])).toBe("open");
});

test("shared with fewer: those who came that way are cut off, the others stay", async () => {
  http.server.openName("http://tab.example");
  stream.share = "internet";
  const far = ask(`/s/one/${TOKEN}/events`, { host: "tab.example" });
  const near = ask(`/s/one/${TOKEN}/events`);
  await Promise.all([far.answer, near.answer]);
  stream.share = "network";
  stream.become("active");
  expect(await far.over).toBe("cut off");
  expect(await Promise.race([near.over, "open"])).toBe("open");
});
