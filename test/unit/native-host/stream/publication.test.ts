// What viewers see of a stream over time: from nothing to a publication and back, with metrics of its own each time; and what a
// sink or a destination that fails does to it.
import { afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { RunAssembler } from "../../../../native-host/media/run-assembler.ts";
import type { Destination, DestinationReport } from "../../../../native-host/stream/destination.ts";
import type { PublicationOptions } from "../../../../native-host/stream/publication.ts";
import { Stream } from "../../../../native-host/stream/stream.ts";
import { FlyBrowserError, inWords } from "../../../../protocol/errors.ts";
import type { StreamIdentity } from "../../../../protocol/native-messages.ts";
import { parseStartStreamOptions } from "../../../../protocol/options.ts";
import type { StreamInfo } from "../../../../protocol/results.ts";
import { FakeSharing } from "../fake-sharing.ts";
import { makePackager, makeRun, RENDITIONS, type RunMedia, STARTED_AT } from "../packager/media.ts";

const IDENTITY: StreamIdentity = {
  ...{ stream_id: "s", view_token: "t", started_at: STARTED_AT, zero: 0, published_at: STARTED_AT, generation: 2 },
};
const REFUSED = new FlyBrowserError("rtmp_refused", { server: "rtmp://example", reason: "no" });

let media: RunMedia;
let told: StreamInfo[];
let failed: FlyBrowserError[];
let stream: Stream;

beforeAll(async () => {
  media = await makeRun({ seconds: 2, offset: 0 });
});
beforeEach(() => {
  [told, failed] = [[], []];
  stream = new Stream({
    ...{ identity: IDENTITY, session_id: "x", options: parseStartStreamOptions({}), ffmpeg_path: "ffmpeg" },
    ...{ fps_mode: true, cores: 2, port: 1, viewerCount: () => 3, linkViewers: () => 1, playback: () => null },
    tab: { tab_id: 1, target_id: null, url: "http://page", title: "A page", not_capturable: null, stream_id: null },
    encoders: { choose: async () => null, next: async () => null, known: () => [] },
    events: {
      chunkAccepted: () => {},
      status: (info) => told.push(info),
      runNeeded: () => {},
      failed: (error) => failed.push(error),
    },
  });
});
afterEach(() => stream.kill());

/** A destination that does what it is told. */
function destination(connect: () => Promise<void>, more: Partial<Destination> = {}): Destination {
  const report: DestinationReport = {
    ...{ state: "live", since: 0, reconnects: 0, bytes_sent: 0, dropped_frames: 2, error: null },
  };
  return {
    ...{ destination_id: "destination_1", name: "one", public_url: "rtmp://example/app", advice: [], required: true },
    ...{ sink: { name: "one", openRun: () => {}, write: () => {} }, sink_options: {}, report },
    ...{ connect, onChange: () => () => {}, close: async () => {}, ...more },
  };
}

const options = (...destinations: Destination[]): PublicationOptions => ({
  ...{ identity: IDENTITY, options: parseStartStreamOptions({}), packager: makePackager(), ladder: null, destinations },
  makeDestination: () => destination(async () => {}),
  sharing: new FakeSharing(),
});

/** Gives the stream a run, as its ingest would. */
function flow(run: number): void {
  const assembler = new RunAssembler(run, [RENDITIONS.video, RENDITIONS.audio], stream.media);
  assembler.write("video", media.video);
  assembler.write("audio", media.audio);
}

test("nothing is told of a stream that nobody sees", async () => {
  flow(0);
  expect([stream.publication, stream.info(), await stream.unpublish("again")]).toEqual([null, null, null]);
  expect(told).toEqual([]);
});

test("published from the start: it is active once there is something to play", () => {
  const publication = stream.publish(options());
  expect(stream.info()?.state).toBe("recovering"); // another host had it before
  flow(0);
  expect(stream.publication).toBe(publication);
  expect(publication.packager.playable).toBe(true);
  expect(stream.info()).toMatchObject({ stream_id: "s", state: "active", viewer_count: 3 });
  expect(stream.info()?.recovery_metrics.capture_restarts).toBe(2);
  expect(stream.info()?.metrics.frames_sent).toBe(60);
  expect(() => stream.publish(options())).toThrow(expect.objectContaining({ code: "stream_already_active" }));
});

test("published later: what was before is not counted", () => {
  flow(0);
  stream.publish(options());
  expect(stream.info()?.metrics.frames_sent).toBe(0);
  expect(stream.publication?.packager.begun).toBe(true); // from the last keyframe on
});

test("seen no more: the last status is told once, and what comes then is measured anew", async () => {
  stream.publish(options());
  flow(0);
  const info = await stream.unpublish("the user has stopped it");
  expect(info).toMatchObject({ state: "stopped", stream_id: "s" });
  expect(told.at(-1)).toEqual(info);
  expect([stream.publication, stream.info()]).toEqual([null, null]);
  const again = stream.publish(options());
  expect(stream.publication).toBe(again);
  expect(stream.info()?.metrics.frames_sent).toBe(0);
});

test("a destination that a stream has to have and that refuses it ends the stream that was begun for it alone", async () => {
  stream.publish(options(destination(() => Promise.reject(REFUSED))));
  await expect.poll(() => failed).toEqual([REFUSED]);
  await expect(stream.waitUntilPlayable(100)).rejects.toBe(REFUSED);
  expect(stream.is_over).toBe(true);
});

test("the same leaves a stream alone that was recorded before", async () => {
  flow(0);
  stream.publish(options(destination(() => Promise.reject(REFUSED))));
  await expect(stream.waitUntilPlayable(1_000)).rejects.toBe(REFUSED);
  expect([failed, stream.is_over]).toEqual([[], false]);
});

test("one that it need not have only says so", async () => {
  const away = destination(() => Promise.reject(REFUSED), {
    required: false,
    report: { state: "failed", since: 0, reconnects: 0, bytes_sent: 0, dropped_frames: 0, error: REFUSED },
  });
  stream.publish(options(away));
  flow(0);
  await expect(stream.waitUntilPlayable(1_000)).resolves.toMatchObject({ status: "active" });
  expect(stream.info()).toMatchObject({ health: "degraded", health_reasons: [REFUSED.sentence] });
});

test("destinations get the media once they have accepted the stream; their losses count", async () => {
  const written = vi.fn();
  let accept: () => void = () => {};
  const sink = { name: "one", openRun: () => {}, write: written };
  const connect = () => new Promise<void>((resolve) => (accept = resolve));
  stream.publish(options(destination(connect, { sink })));
  flow(0);
  expect(written).not.toHaveBeenCalled();
  accept();
  await expect.poll(() => written.mock.calls.length).toBeGreaterThan(0);
  expect(stream.info()).toMatchObject({ rtmp_url: "rtmp://example/app", metrics: { dropped_frames: 2 } });
});

test("a sink that fails is told of in the health, and viewers notice nothing", () => {
  stream.publish(options());
  stream.media.attach({
    name: "recording",
    openRun: () => {},
    write: () => {
      throw new Error("no");
    },
  });
  flow(0);
  expect(stream.info()).toMatchObject({ state: "active", health: "degraded" });
  expect(inWords(stream.info())?.health_reasons.join()).toContain("the recorder has failed");
  expect(stream.info()?.metrics.frames_sent).toBe(60);
});
