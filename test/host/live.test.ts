// The live engine's socket over the real host: what a viewer gets, who isn't let in, what ends it, and what a slow one loses.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type LiveMessage, type LiveObject, readObject } from "../../protocol/live-messages.ts";
import type { StartStreamResult } from "../../protocol/results.ts";
import { ControlClient } from "../../sdk/control-client.ts";
import { paced } from "../fixtures/pace.ts";
import { HostProcess } from "./harness/host-process.ts";
import { until } from "./harness/processes.ts";
import { Publisher } from "./harness/publisher.ts";

let host: HostProcess;
let publisher: Publisher;
let client: ControlClient;
let started: StartStreamResult;
const sockets: WebSocket[] = [];

beforeAll(async () => {
  host = new HostProcess();
  await host.hello();
  // More than the system's buffers of a connection hold in a few seconds.
  publisher = await Publisher.open(host, {
    media: { width: 1280, height: 720, bitrate: 30_000_000 },
    options: { quality: "studio" },
  });
  started = await publisher.playable();
  if (!host.control_file) throw new Error("the host has no control API");
  client = new ControlClient(host.control_file);
});
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.terminate();
});
afterAll(async () => {
  await publisher.abandon();
  await host.close();
});

/** A viewer, who keeps what comes. */
async function watch(url: string) {
  const socket = new WebSocket(url, { origin: "https://elsewhere.example" });
  socket.binaryType = "arraybuffer";
  sockets.push(socket);
  const messages: LiveMessage[] = [];
  const objects: (LiveObject & { readonly payload: Uint8Array })[] = [];
  let closed: number | null = null;
  const status = new Promise<number>((resolve) => {
    socket.on("open", () => resolve(101));
    socket.on("unexpected-response", (_request, { statusCode }) => resolve(statusCode ?? 0));
    socket.on("error", () => resolve(0));
  });
  socket.on("message", (data, binary) => {
    if (binary) objects.push(readObject(data as ArrayBuffer));
    else messages.push(JSON.parse(String(data)));
  });
  socket.on("close", (code) => {
    closed = code;
  });
  const runs = () => messages.flatMap((each) => (each.type === "run" ? [each] : []));
  const track = (kind: "video" | "audio") =>
    runs()
      .at(-1)
      ?.tracks.find((each) => each.kind === kind);
  const of = (kind: "video" | "audio") => objects.filter((each) => each.track_alias === track(kind)?.track_alias);
  return {
    ...{ status: await status, socket, messages, runs, track, of },
    ended: () => until("the end of the socket", () => closed !== null, 10_000).then(() => closed),
  };
}
type Watching = Awaited<ReturnType<typeof watch>>;

const liveUrl = (player_url: string) => player_url.replace("http", "ws").replace(/player$/, "live");

/** Fragments that came of a track, and the frames that FFmpeg decodes of them. */
async function decoded(watching: Watching, kind: "video" | "audio"): Promise<{ fragments: number; frames: number }> {
  const init = Buffer.from(watching.track(kind)?.init ?? "", "base64");
  const came = watching.of(kind);
  const file = Buffer.concat([init, ...came.map(({ payload }) => payload)]);
  const entries = ["-count_frames", "-show_entries", "stream=nb_read_frames", "-of", "default=nw=1:nk=1"];
  const probe = promisify(execFile)("ffprobe", ["-v", "error", ...entries, "pipe:0"]);
  probe.child.stdin?.end(file);
  const { stdout, stderr } = await probe;
  expect(stderr).toBe("");
  return { fragments: came.length, frames: Number(stdout) };
}

/** Whether the browser is asked for short slices. */
const eager = () => host.heard("chunk_accepted").at(-1)?.eager;

describe("a viewer", () => {
  test("is told of the socket, gets init segments and media that FFmpeg decodes, from a keyframe on, and is counted", async () => {
    expect(started.live_url).toBe(liveUrl(started.player_url));
    await until("an acknowledgement", () => eager() === false, 5_000);
    const viewer = await watch(started.live_url ?? "");
    expect(viewer.status).toBe(101);
    await until("two seconds of media", () => viewer.of("video").length > 60 && viewer.of("audio").length > 10, 20_000);
    expect(eager()).toBe(true);
    expect(viewer.messages[0]).toEqual({ type: "hello", version: 1 });
    const [run] = viewer.runs();
    expect(run?.tracks.map(({ kind }) => kind)).toEqual(["video", "audio"]);
    const video = viewer.of("video");
    expect([video[0]?.keyframe, video[0]?.object_id]).toEqual([true, 0]);
    for (const [index, { group_id, object_id, presentation_time, keyframe }] of video.entries()) {
      const before = video[index - 1];
      if (!before) continue;
      expect(presentation_time).toBeGreaterThan(before.presentation_time);
      const next = keyframe ? [before.group_id + 1, 0] : [before.group_id, before.object_id + 1];
      expect([group_id, object_id]).toEqual(next);
    }
    // What was captured now has a date of now.
    const age = Date.now() - ((run?.date_zero ?? 0) + (video.at(-1)?.presentation_time ?? 0) / 1000);
    expect(Math.abs(age)).toBeLessThan(5_000);
    const { viewer_count, links } = (await client.getStreamStatus(publisher.stream_id)).status ?? {};
    expect([viewer_count, links?.[0]?.viewers]).toEqual([1, 1]);
    viewer.socket.terminate();
    const pictures = await decoded(viewer, "video");
    expect(pictures.frames).toBe(pictures.fragments);
    expect((await decoded(viewer, "audio")).frames).toBeGreaterThan(60);
    const count = async () => (await client.getStreamStatus(publisher.stream_id)).status?.viewer_count;
    await until("nobody watches", async () => (await count()) === 0, 5_000);
    await until("nobody needs short slices", () => eager() === false, 5_000);
  });

  test("goes on in a new run, of another size, by the same clock", async () => {
    const viewer = await watch(started.live_url ?? "");
    await until("media", () => viewer.of("video").length > 5, 10_000);
    const before = viewer.of("video").at(-1)?.presentation_time ?? Number.NaN;
    await publisher.freshRun({ width: 640, height: 360 });
    await until("the next run", () => viewer.runs().length === 2 && viewer.of("video").length > 5, 10_000);
    const [first] = viewer.of("video");
    expect(first?.keyframe).toBe(true);
    expect(first?.presentation_time).toBeGreaterThan(before);
    const { fragments, frames } = await decoded(viewer, "video");
    expect(frames).toBe(fragments);
    await publisher.freshRun();
    await until("the first size again", () => viewer.runs().length === 3, 10_000);
  });

  test(
    "who doesn't read loses whole groups, counted, while another one gets all; then it goes on",
    async () => {
      const dropped = async () => {
        const { port, token } = host.control_file ?? { port: 0, token: "" };
        const answer = await fetch(`http://127.0.0.1:${port}/metrics`, {
          headers: { Authorization: `Bearer ${token}` },
        });
        return Number(
          /flybrowser_sink_dropped_units_total\{[^}]*sink="live"[^}]*\} (\d+)/.exec(await answer.text())?.[1],
        );
      };
      const [slow, good] = [await watch(started.live_url ?? ""), await watch(started.live_url ?? "")];
      await until("both get media", () => slow.of("video").length > 5 && good.of("video").length > 5, 10_000);
      expect(await dropped()).toBe(0);
      slow.socket.pause();
      await until("something is left out", async () => (await dropped()) > 60, 60_000);
      slow.socket.resume();
      await until("it is told", () => slow.messages.some(({ type }) => type === "left_out"), 20_000);
      const told = slow.messages.findLast(({ type }) => type === "left_out");
      if (told?.type !== "left_out") throw new Error("nothing was told");
      expect(told.groups).toBeGreaterThan(0);
      expect(told.frames).toBeGreaterThan(20);
      const gapless = (frames: readonly LiveObject[]) =>
        frames.flatMap((each, index) => {
          const before = frames[index - 1];
          const follows = !before || each.object_id === before.object_id + 1 || each.group_id === before.group_id + 1;
          return follows ? [] : [each];
        });
      await until("it goes on", () => gapless(slow.of("video")).length > 0, 20_000);
      for (const first of gapless(slow.of("video"))) expect([first.keyframe, first.object_id]).toEqual([true, 0]);
      expect(gapless(good.of("video"))).toEqual([]);
    },
    paced(120_000),
  );
});

describe("a request that isn't let in", () => {
  test("is answered with 404 before the upgrade: a wrong token, a link that is over, another stream, another path", async () => {
    const { link_id, player_url } = await client.createLink(publisher.stream_id, { allow: "view" });
    await client.revokeLink(publisher.stream_id, link_id);
    const url = started.live_url ?? "";
    for (const wrong of [
      url.replace(/[^/]{4}\/live$/, "----/live"),
      liveUrl(player_url),
      url.replace(publisher.stream_id, "stream_0"),
      url.replace(/live$/, "lives"),
    ]) {
      expect((await watch(wrong)).status, wrong).toBe(404);
    }
    expect((await fetch(url.replace("ws", "http"))).status).toBe(404);
  });
});

describe("a socket ends", () => {
  test("with its link, at once: one that is revoked, one that expires; and when its viewer sends anything", async () => {
    const { link_id, player_url } = await client.createLink(publisher.stream_id, { allow: "view" });
    const viewer = await watch(liveUrl(player_url));
    await until("media", () => viewer.of("video").length > 0, 10_000);
    await client.revokeLink(publisher.stream_id, link_id);
    expect(await viewer.ended()).toBe(1006);
    const short = await client.createLink(publisher.stream_id, { allow: "view", expires_in: 1 });
    const late = await watch(liveUrl(short.player_url));
    expect(late.status).toBe(101);
    expect(await late.ended()).toBe(1006);
    const talker = await watch(started.live_url ?? "");
    talker.socket.send("hello");
    expect(await talker.ended()).toBe(1008);
  });

  test("with its stream, which is a message of its own; then there is nothing", async () => {
    const viewer = await watch(started.live_url ?? "");
    await until("media", () => viewer.of("video").length > 0, 10_000);
    await publisher.stop();
    expect(await viewer.ended()).toBe(1000);
    expect(viewer.messages.at(-1)).toEqual({ type: "end" });
    expect((await watch(started.live_url ?? "")).status).toBe(404);
  });
});
