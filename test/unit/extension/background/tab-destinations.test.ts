// Destinations of a live stream come and go; the next host has those that are left, under their ids.
import { beforeEach, expect, test } from "vitest";
import type { CapturedTabs } from "../../../../extension/background/captured-tabs.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import { type ResolvedDestination, RTMP_DESTINATION_ID } from "../../../../protocol/options.ts";
import type { DestinationStatus } from "../../../../protocol/results.ts";
import { FakeHost } from "./fake-host.ts";

const STATUS: DestinationStatus = {
  ...{
    destination_id: "d",
    name: "one",
    url: "rtmp://host/app",
    state: "connecting",
    since: "2025-01-01T00:00:00.000Z",
  },
  ...{ reconnects: 0, bytes_sent: 0, dropped_frames: 0, error: null },
};

let fake: FakeHost;
let captured: CapturedTabs;
let added: ResolvedDestination[];

beforeEach(() => {
  fake = new FakeHost();
  added = [];
  fake.answers.addDestination = ({ destination }) => {
    const { destination_id } = destination as ResolvedDestination;
    added.push(destination as ResolvedDestination);
    return { ...STATUS, destination_id };
  };
  fake.answers.removeDestination = ({ destination_id }) => ({ ...STATUS, destination_id, state: "ended" });
  captured = fake.worker().captured;
});

const kept = () => captured.get(7)?.record.options;

test("one that is added has an id, is in the record, and is opened by the next host", async () => {
  await captured.startStream(7, { destinations: [{ url: "rtmp://first/app", key: "k1" }] });
  const status = await captured.require("s1").addDestination({ url: "twitch", key: "k2" });
  expect(status.destination_id).toBe(added[0]?.destination_id);
  expect(kept()?.destinations).toMatchObject([
    { url: "rtmp://first/app", key: "k1" },
    { url: "rtmp://live.twitch.tv/app", key: "k2", name: "Twitch", destination_id: status.destination_id },
  ]);
  const before = kept()?.destinations;
  let resumed: unknown;
  const open = fake.answers.openStream;
  fake.answers.openStream = (params) => {
    resumed = params.options;
    return open?.(params);
  };
  captured.hostLost();
  await captured.get(7)?.recovery;
  expect(resumed).toMatchObject({ destinations: before });
});

test("one that is removed is gone from the record, that of rtmp_url too", async () => {
  const rtmp = { protocol: "rtmp", rtmp_url: "rtmp://main/app", rtmp_key: "key-of-it" };
  await captured.startStream(7, { ...rtmp, destinations: [{ url: "rtmp://first/app" }, { url: "rtmp://second/app" }] });
  const [first] = kept()?.destinations ?? [];
  const tab = captured.require("s1");
  expect(await tab.removeDestination(first?.destination_id ?? "")).toMatchObject({ state: "ended" });
  expect(kept()).toMatchObject({ rtmp_url: "rtmp://main/app", destinations: [{ url: "rtmp://second/app" }] });
  await tab.removeDestination(RTMP_DESTINATION_ID);
  expect(kept()).toMatchObject({ destinations: [{ url: "rtmp://second/app" }] });
  expect(JSON.stringify(kept())).not.toMatch(/main\/|key-of-it/);
});

test("what the host or the options refuse leaves the record as it was", async () => {
  await captured.startStream(7, {});
  const tab = captured.require("s1");
  await expect(tab.addDestination({ url: "nowhere" })).rejects.toMatchObject({ code: "invalid_option" });
  fake.answers.addDestination = () => {
    throw new FlyBrowserError("unsupported_combination", { what: "it", reason: "it can't", instead: "Don't." });
  };
  await expect(tab.addDestination({ url: "rtmp://a/b" })).rejects.toMatchObject({ code: "unsupported_combination" });
  fake.answers.removeDestination = () => {
    throw new FlyBrowserError("destination_not_found", { destination_id: "x" });
  };
  await expect(tab.removeDestination("x")).rejects.toMatchObject({ code: "destination_not_found" });
  expect(kept()?.destinations).toEqual([]);
  expect(() => captured.require("other")).toThrow(expect.objectContaining({ code: "no_active_stream" }));
});
