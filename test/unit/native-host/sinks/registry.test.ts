// How the options of a stream become its destinations, of whatever kind.
import { inspect } from "node:util";
import * as v from "valibot";
import { afterEach, expect, test } from "vitest";
import { FanOut } from "../../../../native-host/media/fan-out.ts";
import type { MediaUnit } from "../../../../native-host/media/unit.ts";
import { createDestination, createDestinations, DESTINATION_KINDS } from "../../../../native-host/sinks/registry.ts";
import type { Destination } from "../../../../native-host/stream/destination.ts";
import { Destinations } from "../../../../native-host/stream/destinations.ts";
import { sleep } from "../../../../protocol/async.ts";
import { serializeError } from "../../../../protocol/errors.ts";
import { MAX_DESTINATIONS, parseDestination, parseStartStreamOptions } from "../../../../protocol/options.ts";
import { DestinationStatusSchema } from "../../../../protocol/results.ts";
import { say } from "../../../../protocol/sentence.ts";
import { hostLog } from "../../../fixtures/host-log.ts";
import { NULL, nullDestination } from "../../../fixtures/null-destination.ts";
import { startFakeServer, testKey } from "../../../fixtures/rtmp/fake-server.ts";
import { runOf, unitOf, VIDEO } from "../../../fixtures/rtmp/fmp4.ts";
import { Cleanup, freePort } from "../../../fixtures/rtmp/processes.ts";
import { OUTLINE, TOOLS } from "../../../fixtures/stream-outline.ts";

const KINDS = [...DESTINATION_KINDS, NULL];
const lines = hostLog();
const cleanup = new Cleanup();
afterEach(() => cleanup.run());

const made = (options: object) => createDestinations(parseStartStreamOptions(options), false, TOOLS, KINDS);

/** The destinations of a stream of so many options. */
function streamTo(options: object): { media: FanOut; destinations: Destinations } {
  const media = new FanOut();
  const destinations = new Destinations(made(options), media, { now: 1 });
  cleanup.add(() => destinations.close());
  destinations.connect();
  return { media, destinations };
}
const unit = () => unitOf(VIDEO, 0, [{ duration: 40, keyframe: true, bytes: 100 }]);

test("a kind that is one line of the registry and one file works as the others do", async () => {
  const { media, destinations } = streamTo({ destinations: [{ url: "null://box/1", name: "nowhere" }] });
  expect(destinations.ready).toBe(true); // nobody waits for it
  await expect.poll(() => destinations.statuses[0]?.state).toBe("live");
  media.openRun(runOf([VIDEO]));
  media.write(unit());
  const [status] = destinations.statuses;
  expect(status).toEqual({
    destination_id: expect.stringMatching(/^destination_[\w-]{18}$/),
    ...{ name: "nowhere", url: "null://box/1", state: "live", since: expect.any(String), reconnects: 0 },
    ...{ bytes_sent: unit().bytes.length, dropped_frames: 0, error: null },
  });
  expect(v.is(DestinationStatusSchema, status)).toBe(true);
  await destinations.close();
  expect(destinations.statuses[0]?.state).toBe("ended");
});

test("rtmp_url comes first and must be accepted; the others need not be there, and each has an id of its own", async () => {
  const away = await freePort();
  const server = await startFakeServer(cleanup);
  const at = (port: number) => `rtmp://127.0.0.1:${port}/live`;
  const { media, destinations } = streamTo({
    ...{ protocol: "rtmp", rtmp_url: at(server.port), rtmp_key: "k1" },
    destinations: [
      { url: at(away), key: "k2", name: "spare" },
      { url: at(server.port), key: "k3" },
      { url: "null://a" },
    ],
  });
  expect(destinations.ready).toBe(false);
  await expect.poll(() => destinations.ready).toBe(true);
  await expect
    .poll(() => destinations.statuses.map(({ state }) => state))
    .toEqual(["live", "retrying", "live", "live"]);
  const { statuses } = destinations;
  expect(statuses.map(({ name }) => name)).toEqual([
    `127.0.0.1:${server.port}`,
    "spare",
    `127.0.0.1:${server.port}`,
    "a",
  ]);
  expect(new Set(statuses.map(({ destination_id }) => destination_id)).size).toBe(4);
  expect(say(statuses[1]?.error ?? "")).toMatch(/can't be reached: nothing is listening/);
  expect(statuses[2]?.error).toBeNull();
  media.openRun(runOf([VIDEO]));
  media.write(unit());
  expect(destinations.statuses.map(({ dropped_frames }) => dropped_frames)).toEqual([0, 1, 0, 0]);
});

test("one comes and goes while live; what it has sent stays counted", async () => {
  const { media, destinations } = streamTo({ destinations: [{ url: "null://first" }] });
  media.openRun(runOf([VIDEO]));
  media.write(unit());
  const options = parseDestination({ url: "null://second" });
  const request = { options, prefix: "", required: false };
  const add = () => destinations.add(createDestination(request, OUTLINE, TOOLS, KINDS));
  expect(add()).toMatchObject({ name: "second", destination_id: options.destination_id });
  await expect.poll(() => destinations.statuses[1]?.bytes_sent).toBe(unit().bytes.length); // from the last keyframe on
  expect(await destinations.remove(options.destination_id)).toMatchObject({ state: "ended" });
  expect(destinations.statuses.map(({ name }) => name)).toEqual(["first"]);
  await expect(destinations.remove(options.destination_id)).rejects.toMatchObject({ code: "destination_not_found" });
  for (let count = 1; count < MAX_DESTINATIONS; count++) add();
  expect(add).toThrow("Option destinations: 9 of them is not allowed. Allowed: a list of at most 8");
  await destinations.close();
  expect(add).toThrow(expect.objectContaining({ code: "no_active_stream" }));
});

test("at the end what waits for one still goes out", async () => {
  const taken: number[] = [];
  const plan = { destination_id: "slow", name: "slow", required: false, url: "null://slow" };
  const slow: Destination = Object.assign(nullDestination(plan), {
    sink: {
      name: "slow",
      openRun: () => {},
      write: async ({ bytes }: MediaUnit) => {
        await sleep(20);
        taken.push(bytes.length);
      },
    },
  });
  const media = new FanOut();
  const destinations = new Destinations([slow], media, { now: 1 });
  destinations.connect();
  await expect.poll(() => destinations.statuses[0]?.state).toBe("live");
  media.openRun(runOf([VIDEO]));
  for (let count = 0; count < 5; count++)
    media.write(unitOf(VIDEO, count * 40, [{ duration: 40, keyframe: count === 0, bytes: 9 }]));
  expect(taken.length).toBeLessThan(5);
  await destinations.close();
  expect(taken).toHaveLength(5);
});

test("one that the stream has to have fails it; another one doesn't", async () => {
  const refused = await startFakeServer(cleanup, (client, values) =>
    values[0] === "publish" ? void client.socket.end() : client.answer(values),
  );
  const url = `rtmp://127.0.0.1:${refused.port}/live`;
  const other = streamTo({ destinations: [{ url, key: "k" }] }).destinations;
  await expect.poll(() => other.statuses[0]?.state).toBe("failed");
  expect(other).toMatchObject({
    ready: true,
    failure: null,
    troubles: [{ code: "rtmp_refused" }],
  });
  const own = streamTo({ protocol: "rtmp", rtmp_url: url, rtmp_key: "k" }).destinations;
  await expect.poll(() => own.failure?.code).toBe("rtmp_refused");
  expect(own.ready).toBe(false);
});

test.each([
  [
    { url: "ftp://host/a" },
    "destinations[1].url: ftp://… is not allowed. Allowed: an address that begins with one of rtmp://, rtmps://, srt://",
  ],
  [
    { url: "rtmp://u:hunter22@host/app" },
    "destinations[1].url: the given value is not allowed. Allowed: an address such as rtmp://",
  ],
  [{ url: "rtmp://host", key: "hunter22" }, "destinations[1].url"],
])("%o is refused, naming entry, field and what works", (entry, message) => {
  const make = () => made({ destinations: [{ url: "null://a" }, entry] });
  expect(make).toThrow(expect.objectContaining({ code: "invalid_option", message: expect.stringContaining(message) }));
  expect(make).toThrow(expect.not.objectContaining({ message: expect.stringContaining("hunter22") }));
});

test("an address that only this host can refuse is named as the option that it came by", () => {
  expect(() => made({ protocol: "rtmp", rtmp_url: "rtmp://u:hunter22@host/app" })).toThrow(
    "Option rtmp_url: the given value",
  );
});

test("no secret in a status, an error, the log, nor in what an inspection shows", async () => {
  const [key, hidden] = [testKey(), testKey()];
  const server = await startFakeServer(cleanup);
  const { destinations } = streamTo({
    destinations: [
      { url: `rtmp://127.0.0.1:${server.port}/live`, key },
      { url: `rtmp://127.0.0.1:${await freePort()}/live/${hidden}?auth=${hidden}` },
      { url: `rtmp://127.0.0.1:${await freePort()}/live`, key },
    ],
  });
  const list = made({
    destinations: [{ url: `rtmp://127.0.0.1/live/${hidden}` }, { url: "rtmp://127.0.0.1/live", key }],
  });
  await expect.poll(() => destinations.statuses.map(({ state }) => state)).toEqual(["live", "retrying", "retrying"]);
  expect(server.clients[0]?.commands.flat()).toContain(key);
  const texts = [
    JSON.stringify([destinations.statuses, destinations.troubles, list]),
    inspect([destinations, list], { depth: 9, showHidden: true }),
    ...list.map(({ sink }) => sink?.name ?? ""),
    ...lines,
  ];
  const refused = [
    { url: `rtmp://u:${hidden}@host/app`, key },
    { url: `rtmp://host:0/${hidden}`, key },
    { url: `nothing://host/${hidden}`, key },
  ].map((entry) => {
    try {
      return made({ destinations: [entry] });
    } catch (thrown) {
      return inspect(thrown, { depth: 9, showHidden: true }) + JSON.stringify(serializeError(thrown));
    }
  });
  expect(lines.length).toBeGreaterThan(2);
  for (const text of [...texts, ...refused]) {
    expect(text).not.toContain(key);
    expect(text).not.toContain(hidden);
  }
});
