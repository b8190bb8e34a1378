// Plain HLS put into stores: a web server that does what it is told, and an S3 server that awscli reads back.
import { inspect } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { hostLog } from "../fixtures/host-log.ts";
import { paced } from "../fixtures/pace.ts";
import { folderAt, packetsOf, pushDestination, pushIsIn, pushMedia } from "../fixtures/push.ts";
import { type PutServer, startPutServer } from "../fixtures/put-server.ts";
import { testKey } from "../fixtures/rtmp/fake-server.ts";
import { Cleanup, freePort, until } from "../fixtures/rtmp/processes.ts";
import { bucketAt, startS3 } from "../fixtures/s3.ts";

const cleanup = new Cleanup();
afterEach(() => cleanup.run(), 30_000);
const lines = hostLog();
const key = testKey();

const segments = ({ log }: PutServer) => log.filter((each) => /^PUT .*video-\d+\.m4s$/.test(each)).length;

describe("HLS by PUT", () => {
  it(
    "is complete whenever a player looks, with the right types and caches, and ends; the secret is nowhere",
    async () => {
      const server = await startPutServer(cleanup);
      const secret = `${key}-query`;
      const made = pushDestination(cleanup, folderAt(`hls+http://127.0.0.1:${server.port}/live/?sig=${secret}`, key));
      const end = await pushMedia(cleanup, made);
      await pushIsIn(made, "live");
      await until("three segments", () => segments(server) >= 3, 15_000);
      const playlist = server.files.get(`/live/video.m3u8?sig=${secret}`);
      expect(playlist?.body.toString()).not.toContain("ENDLIST");
      expect(playlist?.headers).toMatchObject({
        ...{ "content-type": "application/vnd.apple.mpegurl", "cache-control": "public, max-age=1" },
        authorization: `Bearer ${key}`,
      });
      await end();
      expect(server.early).toEqual([]);
      const names = server.log.map((each) => each.replace(/\d+(?=\.m)/, "N"));
      expect(names.indexOf("PUT /live/index.m3u8")).toBeGreaterThan(names.indexOf("PUT /live/audio.m3u8"));
      expect(names.slice(0, 4).sort()).toEqual([
        ...[
          "PUT /live/audio-N.m4s",
          "PUT /live/init-audio-N.mp4",
          "PUT /live/init-video-N.mp4",
          "PUT /live/video-N.m4s",
        ],
      ]);
      const segment = server.files.get(`/live/video-0.m4s?sig=${secret}`);
      expect(segment?.headers).toMatchObject({
        ...{ "content-type": "video/mp4", "cache-control": "public, max-age=31536000, immutable" },
      });
      expect(server.files.get(`/live/audio-0.m4s?sig=${secret}`)?.headers["content-type"]).toBe("audio/mp4");
      for (const id of ["video", "audio"]) {
        expect(server.files.get(`/live/${id}.m3u8?sig=${secret}`)?.body.toString()).toMatch(/#EXT-X-ENDLIST\n$/);
      }
      const found = await packetsOf(`http://127.0.0.1:${server.port}/live/index.m3u8`);
      expect(found.h264).toBeGreaterThan(80);
      expect(found.aac).toBeGreaterThan(120);
      expect(made.report).toMatchObject({ state: "ended", dropped_frames: 0, reconnects: 0, error: null });
      expect(made.public_url).toBe(`hls+http://127.0.0.1:${server.port}/live/`);
      for (const text of [...lines, inspect(made, { depth: 9, showHidden: true }), JSON.stringify(made.report)]) {
        expect(text).not.toContain(key);
      }
    },
    paced(60_000),
  );

  it(
    "a store that refuses is given up, one that fails or says nothing is tried again and gets the rest",
    async () => {
      const [refusing, failing, silent] = [
        await startPutServer(cleanup),
        await startPutServer(cleanup),
        await startPutServer(cleanup),
      ];
      [refusing.answer, failing.answer, silent.answer] = [403, 503, null];
      const at = ({ port }: PutServer) => folderAt(`hls+http://user:${key}@127.0.0.1:${port}/live`);
      const refused = pushDestination(cleanup, at(refusing));
      const failed = pushDestination(cleanup, at(failing));
      const stalled = pushDestination(cleanup, at(silent), { request: 1_000 });
      const away = pushDestination(cleanup, folderAt(`hls+http://127.0.0.1:${await freePort()}/live`));
      const well = await startPutServer(cleanup);
      const other = pushDestination(cleanup, at(well));
      const end = await pushMedia(cleanup, refused, failed, stalled, away, other);
      await pushIsIn(refused, "failed");
      expect(refused.report.error?.message).toContain("refused the stream: it answered 403 Forbidden");
      await pushIsIn(failed, "retrying");
      expect(failed.report.error?.message).toContain("it answered 503");
      await pushIsIn(stalled, "retrying");
      expect(stalled.report.error?.message).toContain("it did not answer within 1 s");
      await pushIsIn(away, "retrying");
      expect(away.report.error?.message).toContain("nothing is listening");
      await until("more segments elsewhere", () => segments(well) >= 4, 15_000);
      expect(other.report).toMatchObject({ state: "live", dropped_frames: 0, reconnects: 0 });
      [failing.answer, silent.answer] = [200, 200];
      await pushIsIn(failed, "live");
      await pushIsIn(stalled, "live");
      expect(refusing.requests).toBeLessThanOrEqual(4); // what was under way at the first answer
      const began = performance.now();
      await end();
      expect(performance.now() - began).toBeLessThan(paced(10_000));
      expect(failing.early).toEqual([]);
      expect((await packetsOf(`http://127.0.0.1:${failing.port}/live/index.m3u8`)).h264).toBeGreaterThan(60);
      const authorization = `Basic ${Buffer.from(`user:${key}`).toString("base64")}`;
      expect([...well.files.values()][0]?.headers).toMatchObject({ authorization });
      for (const made of [refused, failed, stalled, other]) {
        expect(inspect(made, { depth: 9, showHidden: true }) + made.public_url).not.toContain(key);
      }
    },
    paced(60_000),
  );
});

describe("S3", () => {
  it(
    "signs what it puts; a bucket that there is not is said",
    async () => {
      const env = await startS3(cleanup);
      const target = bucketAt("s3://streams/a-talk/1", env);
      const made = pushDestination(cleanup, target);
      const missing = pushDestination(cleanup, bucketAt("s3://no-such-bucket/x", env));
      const end = await pushMedia(cleanup, made, missing);
      await pushIsIn(made, "live");
      await pushIsIn(missing, "failed");
      expect(missing.report.error?.message).toContain("it answered 404 NoSuchBucket");
      await end();
      const stored = await target.send(target.urlOf("video.m3u8"), { method: "GET" });
      expect(await stored.text()).toMatch(/#EXT-X-ENDLIST\n$/);
      expect(made.public_url).toBe("s3://streams/a-talk/1");
    },
    paced(60_000),
  );
});
