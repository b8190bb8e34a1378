// What viewers see of a stream over time: from nothing to a publication and back, with figures of its own each time.
import { afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { MediaFeed } from "../../../../native-host/stream/media-feed.ts";
import type { StreamOutput } from "../../../../native-host/stream/output.ts";
import type { PublicationParts } from "../../../../native-host/stream/publication.ts";
import { Publishing } from "../../../../native-host/stream/publishing.ts";
import type { StreamState } from "../../../../native-host/stream/state-machine.ts";
import { TaskStore } from "../../../../native-host/stream/task-store.ts";
import { FlyBrowserError } from "../../../../protocol/errors.ts";
import type { StreamIdentity } from "../../../../protocol/native-messages.ts";
import { parseStartStreamOptions } from "../../../../protocol/options.ts";
import type { StreamInfo } from "../../../../protocol/results.ts";
import { makePackager, makeRun, type RunMedia, STARTED_AT } from "../packager/media.ts";

const IDENTITY: StreamIdentity = {
  ...{ stream_id: "s", view_token: "t", started_at: STARTED_AT, published_at: STARTED_AT, generation: 2 },
};

let media: RunMedia;
let feed: MediaFeed;
let told: StreamInfo[];
let heard: string[];
let state: StreamState;
let publishing: Publishing;

beforeAll(async () => {
  media = await makeRun({ seconds: 2, offset: 0 });
});
beforeEach(() => {
  [feed, told, heard, state] = [new MediaFeed(), [], [], "active"];
  publishing = new Publishing({
    ...{ feed, tasks: new TaskStore("s"), identity: IDENTITY, viewerCount: () => 3 },
    facts: () => ({
      ...{ session_id: "x", state, plan: null, has_audio: true, origin: "http://127.0.0.1:1", port: 1 },
      ...{ tab_title: "A page", whep: false },
    }),
    reading: () => ({ trouble: null, buffer_health: 100, ignored_bytes: 0, frame_rate: 30, cap_broken: false }),
    events: { status: (info) => told.push(info) },
    onChange: () => () => {},
    onProgress: () => {},
    onFailed: (error, joined) => heard.push(`${error.code}, ${joined ? "joined" : "its own"}`),
    onEnded: () => heard.push("ended"),
  });
});
afterEach(() => publishing.end("the test is over"));

const parts = (output?: StreamOutput): PublicationParts => ({
  ...{ identity: IDENTITY, options: parseStartStreamOptions({}), packager: makePackager(), output },
});

/** An output that nobody takes. */
const refused = (): StreamOutput =>
  ({
    connect: () => Promise.reject(new FlyBrowserError("rtmp_refused", { server: "x", reason: "no" })),
    ...{ onChange: () => {}, close: async () => {}, report: null, public_url: null },
  }) as unknown as StreamOutput;

/** A run's media come. */
function flow(run: number): void {
  feed.openRun(run, ["video", "audio"]);
  feed.write(run, "video", media.video);
  feed.write(run, "audio", media.audio);
}

test("nothing is told of a stream that nobody sees", async () => {
  flow(0);
  expect([publishing.current, publishing.info(), await publishing.end("again")]).toEqual([null, null, null]);
  expect([told, heard]).toEqual([[], []]);
});

test("published from the start: it flows once there is something to play, and its figures go on", () => {
  const { figures } = publishing;
  const publication = publishing.begin(parts());
  expect([publishing.current, publishing.figures, publishing.flows]).toEqual([publication, figures, false]);
  flow(0);
  expect(publishing.flows).toBe(publication.packager.playable);
  expect(publishing.info()).toMatchObject({ stream_id: "s", state: "active", viewer_count: 3 });
  expect(publishing.info()?.recovery_metrics.capture_restarts).toBe(2);
  expect(publishing.info()?.metrics.frames_sent).toBeGreaterThan(0);
  expect(() => publishing.begin(parts())).toThrow(expect.objectContaining({ code: "stream_already_active" }));
});

test("published later: what was before is not counted", () => {
  flow(0);
  const { figures } = publishing;
  expect(figures.moves).toBe(true);
  publishing.begin(parts());
  expect(publishing.figures).not.toBe(figures);
  expect(publishing.info()?.metrics.frames_sent).toBeLessThan(60);
});

test("seen no more: the last status is told once, and what comes then is measured anew", async () => {
  publishing.begin(parts());
  flow(0);
  const { figures } = publishing;
  const info = await publishing.end("the user has stopped it");
  expect(info).toMatchObject({ state: "stopped", stream_id: "s" });
  expect([told, heard]).toEqual([[info], ["ended"]]);
  expect([publishing.current, publishing.info()]).toEqual([null, null]);
  expect(publishing.figures).not.toBe(figures);
  expect(publishing.flows).toBe(true);
  const again = publishing.begin(parts());
  expect(publishing.current).toBe(again);
});

test("an output that is refused: told with whether the stream was there before it", async () => {
  const first = publishing.begin(parts(refused()));
  await expect.poll(() => heard).toEqual(["rtmp_refused, its own"]);
  expect(first.failure?.code).toBe("rtmp_refused");
  await publishing.end("it was refused");
  flow(0);
  publishing.begin(parts(refused()));
  await expect.poll(() => heard).toEqual(["rtmp_refused, its own", "ended", "rtmp_refused, joined"]);
});
