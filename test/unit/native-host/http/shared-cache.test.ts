// What shared caches are told: nothing without FLYBROWSER_CACHE=on, and how long what is true with it.

import { getLogger } from "@logtape/logtape";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { LiveStreams } from "../../../../native-host/http/live-streams.ts";
import { createHttpServer, type HttpServer } from "../../../../native-host/http/server.ts";
import { hasSharedCache } from "../../../../native-host/http/shared-cache.ts";
import { feed, makeRun, type RunMedia } from "../packager/media.ts";
import { TestStream, TOKEN } from "./live-stream.ts";

let media: RunMedia;
let server: HttpServer;
let folder: string;

beforeAll(async () => {
  media = await makeRun({ seconds: 4, offset: 0 });
});
beforeEach(async () => {
  const streams = new LiveStreams();
  const stream = new TestStream();
  for (const _ of feed(stream.packager, 0, media));
  streams.add(stream);
  const options = { streams, player_directory: "/nonexistent", log: getLogger(["test", "http"]) };
  server = createHttpServer({ ...options, shared_cache: true });
  folder = `http://127.0.0.1:${await server.listen({ port: 0 })}/s/one/${TOKEN}/`;
});
afterEach(() => server.close());

const caching = async (file: string, of = folder) => {
  const { status, headers } = await fetch(of + file, { headers: { "user-agent": "Lavf/59.27.100" } });
  expect([headers.get("vary"), headers.get("set-cookie"), headers.get("content-encoding")]).toEqual([null, null, null]);
  return [status, headers.get("cache-control")];
};
const BRIEF = "public, max-age=1";
const LONG = "public, max-age=3600, immutable";

describe("behind a shared cache", () => {
  it.each(["init-video-0.mp4", "video-1.m4s", "audio-1.m4s", "video-1.0.m4s"])("%s may be kept", async (file) => {
    expect(await caching(file)).toEqual([200, LONG]);
  });

  it.each(["index.m3u8", "video.m3u8", "audio.m3u8?_HLS_skip=YES", "manifest.mpd"])("%s for a second", async (file) => {
    expect(await caching(file)).toEqual([200, BRIEF]);
  });

  it("a blocking reload for as long as it can be the base of a delta update", async () => {
    expect(await caching("video.m3u8?_HLS_msn=2&_HLS_part=0")).toEqual([200, "public, max-age=12, immutable"]);
    expect(await caching("video.m3u8?_HLS_msn=900")).toEqual([400, "no-store"]);
  });

  it("what isn't there is nowhere for a second", async () => {
    const wrong = folder.replace(TOKEN, "wrong");
    expect(await caching("video-900.m4s")).toEqual([404, BRIEF]);
    expect(await caching("video-1.m4s", wrong)).toEqual([404, BRIEF]);
    const bodies = await Promise.all(
      [`${folder}video-900.m4s`, `${wrong}index.m3u8`].map(async (url) => (await fetch(url)).text()),
    );
    expect(new Set(bodies).size).toBe(1);
  });

  it("everybody gets the same MPD, and what one viewer alone is sent is kept nowhere", async () => {
    const mpd = await (await fetch(`${folder}manifest.mpd`, { headers: { "user-agent": "VLC/3.0.24" } })).text();
    expect(mpd).toContain("ServiceDescription");
    for (const file of ["state", "time"]) expect(await caching(file)).toEqual([200, "no-store"]);
  });
});

it.each([
  ["on", true],
  [" ON ", true],
  ["off", false],
  ["", false],
  ["yes", false],
])("FLYBROWSER_CACHE=%s: %s", (wish, expected) => {
  expect(hasSharedCache({ FLYBROWSER_CACHE: wish })).toBe(expected);
});
