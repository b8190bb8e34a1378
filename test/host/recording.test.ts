// Recordings of a real host fed with live media: what comes out is decoded and measured.
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { parseStartStreamOptions } from "../../protocol/options.ts";
import { TAB } from "./harness/host-process.ts";
import { until } from "./harness/processes.ts";
import { probeFile } from "./harness/recorded.ts";
import {
  api,
  byKind,
  capture,
  cleanUp,
  expectSync,
  folder,
  host,
  info,
  publish,
  record,
  recorded,
  stop,
} from "./harness/recording-host.ts";
import { watch } from "./harness/watch.ts";

afterEach(cleanUp);

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
    await expect(h.peer.call("openRecording", { recording_id: "nobody", way: "play" })).rejects.toMatchObject({
      code: "recording_not_found",
    });
    await expect(h.peer.call("stopRecording", { stream_id: p.stream_id })).rejects.toMatchObject({
      code: "no_active_recording",
    });

    const file = await probeFile(stopped.file_path);
    expect(byKind(file, "video")).toMatchObject({ codec_name: "h264", width: 640, height: 360 });
    expect(byKind(file, "audio")).toMatchObject({ codec_name: "aac" });
    expect(file.format.tags).toMatchObject({ title: TAB.title, comment: "https://example.com/reset" });
    expect(Math.abs(Number(file.format.duration) - stopped.duration_seconds)).toBeLessThan(0.15);
    const bytes = readFileSync(stopped.file_path).toString("latin1");
    expect(bytes.indexOf("moov")).toBeLessThan(bytes.indexOf("mdat")); // faststart
    expect(bytes).not.toContain("moof");
    const seen = await watch(stopped.file_path);
    expect(seen.complaints).toEqual([]);
    expect(seen.frames).toBeGreaterThanOrEqual(stopped.duration_seconds * 30 - 2);
    expect(seen.longest_gap).toBeLessThan(0.05);
    expectSync(seen, 0.03);
    // Nothing is left but the note of it, and the stream goes on.
    expect(readdirSync(join(h.state_dir, "recordings", started.recording_id))).toEqual(["journal.json"]);
    expect(readdirSync(dirname(stopped.file_path))).toHaveLength(1);
    const journal = readFileSync(join(h.state_dir, "recordings", started.recording_id, "journal.json"), "utf8");
    for (const text of [journal, h.log, JSON.stringify(await info(h, started)), bytes])
      expect(text).not.toMatch(/password@|secret/);
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
    expect(seen.complaints).toEqual([]);
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
    expect(seen.complaints).toEqual([]);
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
    expect(seen.complaints).toEqual([]);
    expect(seen.longest_gap).toBeLessThan(0.1); // no stream that came or went left a trace
    expectSync(seen, 0.03);
  });

  test("an RTMP server that refuses ends the stream's start, not the recording", async () => {
    const h = await host();
    const p = await capture(h, { published: false });
    const started = await record(p);
    await recorded(h, started, 1);
    const options = parseStartStreamOptions({ protocol: "rtmp", rtmp_url: "rtmp://127.0.0.1:9/live/name" });
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
