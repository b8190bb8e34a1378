// Recordings of a real host fed with live media: what comes out is decoded and measured, also after the death of each part.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { parseStartStreamOptions } from "../../protocol/options.ts";
import type { RecordingInfo, StartRecordingResult, StopRecordingResult } from "../../protocol/results.ts";
import { HostProcess, type HostProcessOptions, TAB } from "./harness/host-process.ts";
import { childrenOf, runs, until } from "./harness/processes.ts";
import { Publisher, type PublisherOptions } from "./harness/publisher.ts";
import { type ProbedFile, probeFile } from "./harness/recorded.ts";
import { watch } from "./harness/watch.ts";

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A folder that is gone after the test. */
function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "flybrowser-recording-"));
  closers.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

async function host(options: HostProcessOptions = {}, resumes: string[] = []): Promise<HostProcess> {
  const videos = folder();
  const started = new HostProcess({ ...options, env: { XDG_VIDEOS_DIR: videos, ...options.env } });
  closers.push(() => started.close());
  await started.hello(null, undefined, resumes);
  return started;
}

async function capture(to: HostProcess, options: PublisherOptions = {}): Promise<Publisher> {
  const publisher = await Publisher.open(to, options);
  closers.push(() => publisher.abandon());
  return publisher;
}

async function publish(to: HostProcess, options: PublisherOptions = {}): Promise<Publisher> {
  const publisher = await capture(to, options);
  await publisher.playable();
  return publisher;
}

async function api(h: HostProcess, path: string): Promise<unknown> {
  const { port, token } = h.control_file as { port: number; token: string };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return answer.json();
}

const record = (p: Publisher, options: object = {}): Promise<StartRecordingResult> =>
  p.host.peer.call("startRecording", { stream_id: p.stream_id, options });

/** Stops, and asks again as long as the file is still being made: on a busy machine that can take a while. */
const stop = ({ host: h, stream_id }: Publisher): Promise<StopRecordingResult> =>
  until(
    "the file",
    async () => {
      const stopped = await h.peer.call("stopRecording", { stream_id });
      return stopped.status !== "finishing" && stopped;
    },
    60_000,
  );

const info = async (
  h: HostProcess,
  { recording_id }: Pick<StartRecordingResult, "recording_id">,
): Promise<RecordingInfo> => (await api(h, `/api/recordings/${recording_id}`)) as RecordingInfo;

/** Waits until so many seconds are recorded. */
const recorded = (h: HostProcess, of: Pick<StartRecordingResult, "recording_id">, seconds: number): Promise<unknown> =>
  until(`${seconds} s to be recorded`, async () => (await info(h, of)).duration_seconds >= seconds, 20_000);

/** FFmpeg's complaints about the file; those of its null muxer are about uneven times, which are wanted here. */
const complaints = (seen: Awaited<ReturnType<typeof watch>>): string[] =>
  seen.complaints.filter((line) => !line.startsWith("[null"));

/** Each flash must have its beep. */
function expectSync({ flashes, beeps }: Awaited<ReturnType<typeof watch>>, within = 0.1): void {
  const inside = flashes.filter((flash) => flash > 0.5);
  expect(inside.length).toBeGreaterThan(1);
  for (const flash of inside) {
    const apart = Math.min(...beeps.map((beep) => Math.abs(beep - flash)));
    expect(apart, `beep beside the flash at ${flash}, beeps at ${beeps}`).toBeLessThan(within);
  }
}

const byKind = ({ streams }: ProbedFile, kind: string) => streams.find(({ codec_type }) => codec_type === kind);

describe("a recording", () => {
  test("is a plain MP4 with picture, sound, title and address, under a readable name", async () => {
    const h = await host();
    const p = await publish(h);
    const started = await record(p);
    expect(started.status).toBe("recording");
    expect(started.file_path).toMatch(/\/example\.com \d{4}-\d\d-\d\d \d\d-\d\d-\d\d\.mp4$/);
    await expect(record(p)).rejects.toMatchObject({ code: "recording_already_active" });
    await recorded(h, started, 4);
    const stopped = await stop(p);
    expect(stopped).toMatchObject({ status: "finished", format: "mp4", error: null, chapters: [] });
    expect(stopped.size_bytes).toBe(statSync(stopped.file_path).size);
    await expect(h.peer.call("stopRecording", { stream_id: p.stream_id })).rejects.toMatchObject({
      code: "no_active_recording",
    });

    const file = await probeFile(stopped.file_path);
    expect(byKind(file, "video")).toMatchObject({ codec_name: "h264", width: 640, height: 360 });
    expect(byKind(file, "audio")).toMatchObject({ codec_name: "aac" });
    expect(file.format.tags).toMatchObject({ title: TAB.title, comment: TAB.url });
    expect(Math.abs(Number(file.format.duration) - stopped.duration_seconds)).toBeLessThan(0.15);
    const bytes = readFileSync(stopped.file_path).toString("latin1");
    expect(bytes.indexOf("moov")).toBeLessThan(bytes.indexOf("mdat")); // faststart
    expect(bytes).not.toContain("moof");
    const seen = await watch(stopped.file_path);
    expect(complaints(seen)).toEqual([]);
    expect(seen.frames).toBeGreaterThanOrEqual(stopped.duration_seconds * 30 - 2);
    expect(seen.longest_gap).toBeLessThan(0.05);
    expectSync(seen, 0.03);
    // Nothing is left but the note of it, and the stream goes on.
    expect(readdirSync(join(h.state_dir, "recordings", started.recording_id))).toEqual(["journal.json"]);
    expect(readdirSync(dirname(stopped.file_path))).toHaveLength(1);
    expect(await h.peer.call("getStreamStatus", { stream_id: p.stream_id })).toMatchObject({ active: true });
  });

  test("has the runs of a stream in one file, with the time between them", async () => {
    const h = await host();
    const p = await publish(h);
    const started = await record(p);
    await recorded(h, started, 2.5);
    await p.closeRun();
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const before = (await info(h, started)).duration_seconds;
    await p.freshRun();
    await recorded(h, started, before + 4);
    const stopped = await stop(p);
    const seen = await watch(stopped.file_path);
    expect(complaints(seen)).toEqual([]);
    expect(Math.abs(seen.last_frame - stopped.duration_seconds)).toBeLessThan(0.15);
    expect(seen.longest_gap).toBeGreaterThan(1.2);
    expectSync(seen);
  });

  test("goes on when the size changes: one size in the file", async () => {
    const h = await host();
    const p = await publish(h);
    const started = await record(p);
    await recorded(h, started, 4);
    await p.freshRun({ width: 320, height: 240 });
    await recorded(h, started, 6.5);
    const stopped = await stop(p);
    const file = await probeFile(stopped.file_path);
    expect(byKind(file, "video")).toMatchObject({ width: 640, height: 360 });
    const seen = await watch(stopped.file_path);
    expect(complaints(seen)).toEqual([]);
    expect(Math.abs(seen.last_frame - stopped.duration_seconds)).toBeLessThan(0.15);
    expectSync(seen);
  });

  test("ends with its stream and is finished by itself", async () => {
    const h = await host();
    const p = await publish(h);
    const started = await record(p);
    await recorded(h, started, 1);
    await p.stop();
    await until("the file", async () => (await info(h, started)).status === "finished", 20_000);
    const again = await stop(p);
    expect(again).toMatchObject({ status: "finished", file_path: started.file_path });
    expect((await watch(again.file_path)).frames).toBeGreaterThan(25);
  });

  test("refuses what it can't do, and leaves nothing", async () => {
    const h = await host();
    const p = await publish(h);
    const at = folder();
    const taken = join(at, "taken.mp4");
    writeFileSync(taken, "mine");
    await expect(record(p, { path: taken })).rejects.toMatchObject({ code: "recording_path_unusable" });
    await expect(record(p, { path: join(at, "no/where.mp4") })).rejects.toMatchObject({
      code: "recording_path_unusable",
    });
    await expect(record(p, { path: "here.mp4" })).rejects.toMatchObject({ code: "invalid_option" });
    await expect(record(p, { path: join(at, "a.avi") })).rejects.toMatchObject({ code: "invalid_option" });
    await expect(record(p, { format: "webm" })).rejects.toMatchObject({ code: "unsupported_combination" });
    await expect(record(p, { fps: 3 })).rejects.toMatchObject({ code: "unknown_option" });
    await expect(h.peer.call("stopRecording", { stream_id: p.stream_id })).rejects.toMatchObject({
      code: "no_active_recording",
    });
    expect(readFileSync(taken, "utf8")).toBe("mine");
    expect(readdirSync(at)).toEqual(["taken.mp4"]);
    expect(await api(h, "/api/recordings")).toEqual({ recordings: [] });
  });
});

/** Status of the answer to whoever opens an address. */
const answerOf = async (url: string): Promise<number> => (await fetch(url)).status;

describe("without a stream", () => {
  test("a tab is recorded, and nobody can see it; a stream joins and leaves the same encoding", async () => {
    const h = await host();
    const p = await capture(h, { published: false });
    expect(p.identity.published_at).toBeNull();
    const started = await record(p); // waits for the first picture
    await recorded(h, started, 3);
    const at = `http://127.0.0.1:${(h.control_file as { port: number }).port}/s/${p.stream_id}`;
    const { stream_id } = p;
    const hidden = async (token: string): Promise<void> => {
      expect(await api(h, "/api/streams")).toEqual({ streams: [] });
      expect(await h.peer.call("getStreamStatus", { stream_id })).toMatchObject({ active: false });
      expect(await answerOf(`${at}/${token}/player`)).toBe(404);
    };
    await hidden(p.identity.view_token);
    await expect(p.playable()).rejects.toMatchObject({ code: "no_active_stream" });
    expect(h.heard("stream_status")).toEqual([]);

    const options = parseStartStreamOptions({});
    const identity = await h.peer.call("publishStream", { stream_id, options });
    expect(identity.view_token).not.toBe(p.identity.view_token);
    const playable = await p.playable();
    expect(await answerOf(playable.player_url)).toBe(200);
    expect(await answerOf(`${at}/${p.identity.view_token}/player`)).toBe(404);
    await expect(h.peer.call("publishStream", { stream_id, options })).rejects.toMatchObject({
      code: "stream_already_active",
    });
    const { status } = await h.peer.call("getStreamStatus", { stream_id });
    expect(status?.recording).toMatchObject({ recording_id: started.recording_id, status: "recording" });
    const joined = (await info(h, started)).duration_seconds;
    expect(status?.uptime_seconds).toBeLessThan(joined); // it began when viewers were let in
    await recorded(h, started, joined + 2);

    const left = await h.peer.call("unpublishStream", { stream_id, reason: "the test" });
    expect(left).toMatchObject({ success: true, info: { state: "stopped", stream_id } });
    expect(await h.peer.call("unpublishStream", { stream_id, reason: "again" })).toMatchObject({ success: false });
    expect(await api(h, "/api/streams")).toEqual({ streams: [] });
    // For a while the ended stream can be fetched: what was before nobody sees, but for the pictures since a keyframe.
    const streamed = await watch(playable.hls_url as string);
    expect(streamed.frames).toBeGreaterThan(45);
    expect(streamed.frames).toBeLessThan(30 * (await info(h, started)).duration_seconds - 40);
    // What the tab shows now is nothing for those who have the old link.
    const state = playable.player_url.replace(/player$/, "state");
    h.peer.emit("tab_changed", { stream_id, url: "http://127.0.0.1/inbox", title: "PRIVATE inbox" });
    const before = (await info(h, started)).duration_seconds;
    await recorded(h, started, before + 2);
    const shown = await (await fetch(state)).text();
    expect(shown).toContain('"state":"stopped"');
    expect(shown).not.toContain("PRIVATE");

    const again = await h.peer.call("publishStream", { stream_id, options });
    expect([p.identity.view_token, identity.view_token]).not.toContain(again.view_token);
    expect(await answerOf((await p.playable()).player_url)).toBe(200);
    expect(await answerOf(playable.player_url)).toBe(404); // the link of a stream that was stopped stays dead
    await h.peer.call("unpublishStream", { stream_id, reason: "the test" });

    expect(h.heard("run_needed")).toEqual([]);
    expect(h.log.match(/run \d+ of .*, FFmpeg is process/g)).toHaveLength(1); // one encoding for all of them
    await p.stop(); // the extension lets the tab go
    const stopped = await stop(p);
    expect(stopped).toMatchObject({ status: "finished", error: null });
    const seen = await watch(stopped.file_path);
    expect(complaints(seen)).toEqual([]);
    expect(seen.longest_gap).toBeLessThan(0.1); // no stream that came or went left a trace
    expectSync(seen, 0.03);
  });

  test("an RTMP server that refuses ends the stream's start, not the recording", async () => {
    const h = await host();
    const p = await capture(h, { published: false });
    const started = await record(p);
    await recorded(h, started, 1);
    const options = parseStartStreamOptions({ protocol: "rtmp", rtmp_url: "rtmp://127.0.0.1:9/live" });
    await h.peer.call("publishStream", { stream_id: p.stream_id, options });
    await expect(p.playable()).rejects.toMatchObject({ code: expect.stringMatching(/^rtmp_/) });
    await h.peer.call("unpublishStream", { stream_id: p.stream_id, reason: "refused" });
    const before = (await info(h, started)).duration_seconds;
    await recorded(h, started, before + 1);
    expect(h.heard("stream_failed")).toEqual([]);
    await p.stop();
    expect(await stop(p)).toMatchObject({ status: "finished" });
  });
});

describe("what died", () => {
  test("host killed: the next one makes the file, which lacks 2 s at most", async () => {
    const first = await host();
    const p = await publish(first);
    const path = join(folder(), "talk.mp4");
    const started = await record(p, { path });
    await recorded(first, started, 5);
    const { duration_seconds } = await info(first, started);
    first.kill("SIGKILL");
    await p.abandon();
    await first.ended();
    const second = await host({ state_dir: first.state_dir });
    await until("the file", async () => (await info(second, started)).status === "recovered", 20_000);
    expect((await info(second, started)).duration_seconds).toBeGreaterThan(duration_seconds - 2);
    const seen = await watch(path);
    expect(complaints(seen)).toEqual([]);
    expect(seen.last_frame).toBeGreaterThan(duration_seconds - 2);
    expectSync(seen);
    expect(second.log).toContain("was left unfinished");
  });

  test("host killed under a tab that goes on: so does the recording, into the same file", async () => {
    const first = await host();
    const p = await publish(first);
    const path = join(folder(), "talk.mp4");
    const started = await record(p, { path });
    await recorded(first, started, 3);
    const { duration_seconds } = await info(first, started);
    first.kill("SIGKILL");
    await p.abandon();
    await first.ended();
    const second = await host({ state_dir: first.state_dir }, [started.recording_id]);
    const resume = { ...p.identity, generation: p.identity.generation + 1 };
    const q = await publish(second, { resume, first_run: p.run + 1, recording_id: started.recording_id });
    await recorded(second, started, duration_seconds + 4);
    const { status } = await second.peer.call("getStreamStatus", { stream_id: q.stream_id });
    expect(status?.recording).toMatchObject({
      recording_id: started.recording_id,
      status: "recording",
      file_path: path,
    });
    expect(status?.recording?.size_bytes).toBeGreaterThan(0);
    const stopped = await stop(q);
    expect(stopped).toMatchObject({ status: "finished", recording_id: started.recording_id, file_path: path });
    const seen = await watch(path);
    expect(complaints(seen)).toEqual([]);
    expect(Math.abs(seen.last_frame - stopped.duration_seconds)).toBeLessThan(0.15);
    expect(seen.last_frame).toBeGreaterThan(duration_seconds + 3);
    expectSync(seen);
  });

  test("host killed, and somebody else finishes the file by now: the rest comes into another one beside it", async () => {
    const first = await host();
    const p = await publish(first);
    const path = join(folder(), "talk.mp4");
    const started = await record(p, { path });
    await recorded(first, started, 2);
    first.kill("SIGKILL");
    await p.abandon();
    await first.ended();
    const second = await host({ state_dir: first.state_dir }); // it resumes nothing
    await until("the first file", async () => (await info(second, started)).status === "recovered", 20_000);
    const resume = { ...p.identity, generation: p.identity.generation + 1 };
    const q = await publish(second, { resume, first_run: p.run + 1, recording_id: started.recording_id });
    const next = await until("the second one", () => {
      const told = second.heard("recording_changed").map(({ recording }) => recording);
      return told.find(({ status }) => status === "recording");
    });
    expect(next).toMatchObject({ file_path: join(dirname(path), "talk (2).mp4"), stream_id: p.stream_id });
    await recorded(second, next, 2);
    const stopped = await stop(q);
    for (const file of [path, stopped.file_path]) expect((await watch(file)).frames).toBeGreaterThan(30);
  });

  test("browser gone: the file is finished by a process that ends by itself", async () => {
    const h = await host();
    const p = await publish(h);
    const started = await record(p);
    await recorded(h, started, 2);
    await p.abandon();
    h.hangUp();
    expect(await h.ended()).toBe(0);
    const journal = join(h.state_dir, "recordings", started.recording_id, "journal.json");
    const read = () => JSON.parse(readFileSync(journal, "utf8")) as RecordingInfo & { pid: number };
    await until("the file", () => read().status === "recovered", 20_000);
    await until("the process to end", () => !runs(read().pid));
    expect((await watch(started.file_path)).frames).toBeGreaterThan(50);
    expect(existsSync(join(dirname(started.file_path), `.${started.file_path}.part`))).toBe(false);
  });

  test("the disk takes no more, for real: the recording ends and says why, the stream goes on, the next host makes the file", async () => {
    // A limit on the size of files, in blocks of 512 bytes: what a full disk does, and needs no rights.
    const limited = { under: ["sh", "-c", 'ulimit -f 2000; exec "$@"', "sh"] };
    const first = await host(limited);
    const p = await publish(first, { media: { bitrate: 3_000_000 } });
    const started = await record(p);
    const failed = await until(
      "the end of the recording",
      async () => {
        const now = await info(first, started);
        return now.status === "failed" && now;
      },
      60_000,
    );
    expect(failed.error).toMatchObject({ code: expect.stringMatching(/^recording_(failed|path_unusable)$/) });
    expect(first.log).toContain("no file may become larger there");
    const told = first.heard("recording_changed").map(({ recording: { status, error } }) => ({ status, error }));
    expect(told.find(({ status }) => status === "finishing")?.error).toMatchObject({ code: "recording_path_unusable" });
    await first.peer.call("getStreamStatus", { stream_id: p.stream_id }).then((status) => {
      expect(status).toMatchObject({ active: true, status: { state: "active", recording: null } });
    });
    await p.stop();
    first.hangUp();
    await first.ended(5_000);
    const second = await host({ state_dir: first.state_dir });
    await until("the file", async () => (await info(second, started)).status === "recovered", 20_000);
    const seen = await watch(started.file_path);
    expect(complaints(seen)).toEqual([]);
    expect(seen.last_frame).toBeGreaterThan(1.5);
    expectSync(seen);
  });

  test("FFmpeg killed: the recording goes on with the fresh run", async () => {
    const h = await host();
    const p = await publish(h);
    const started = await record(p);
    await recorded(h, started, 2);
    process.kill(childrenOf(h.pid)[0] as number, "SIGKILL");
    await until("the host to want a fresh run", () => h.heard("run_needed")[0]);
    await p.freshRun();
    await recorded(h, started, 5);
    const stopped = await stop(p);
    const seen = await watch(stopped.file_path);
    expect(complaints(seen)).toEqual([]);
    expect(seen.last_frame).toBeGreaterThan(4.5);
  });
});
