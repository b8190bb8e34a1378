// What a recording is after the death of each part of the chain. Rarer kinds: test/long/recording-deaths.test.ts.

import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, utimesSync } from "node:fs";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import type { RecordingInfo, StartRecordingResult } from "../../protocol/results.ts";
import { paced } from "../fixtures/pace.ts";
import type { HostProcess } from "./harness/host-process.ts";
import { childrenOf, runs, until } from "./harness/processes.ts";
import { cleanUp, expectSync, folder, host, info, publish, record, recorded, stop } from "./harness/recording-host.ts";
import { watch } from "./harness/watch.ts";

afterEach(cleanUp);

/** So that the next host doesn't wait for the tab to go on in another one. */
function writtenLongAgo({ state_dir }: HostProcess, { recording_id }: StartRecordingResult): void {
  const then = Date.now() / 1000 - 60;
  utimesSync(join(state_dir, "recordings", recording_id, "journal.json"), then, then);
}

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
    writtenLongAgo(first, started);
    const second = await host({ state_dir: first.state_dir });
    await until("the file", async () => (await info(second, started)).status === "recovered", 20_000);
    expect((await info(second, started)).duration_seconds).toBeGreaterThan(duration_seconds - 2);
    const seen = await watch(path);
    expect(seen.complaints).toEqual([]);
    expect(seen.last_frame).toBeGreaterThan(duration_seconds - 2);
    expectSync(seen);
    expect(second.log).toContain("was left unfinished");
  });

  test(
    "browser and host killed at once: what comes next makes the file at once, a host or the command",
    async () => {
      const killed = async (next: "host" | "command") => {
        // The shell stands for the browser: it starts the host and waits.
        const first = await host({ under: ["sh", "-c", '"$@"; exit', "sh"] });
        const p = await publish(first);
        const path = join(folder(), "talk.mp4");
        const { recording_id } = await record(p, { path });
        const told = () => first.heard("recording_changed").map(({ recording }) => recording.duration_seconds);
        await until("3 s to be recorded", () => told().some((duration) => duration > 3), 20_000);
        expect(readdirSync(dirname(path))).toEqual([".talk.mp4.part"]); // nobody sees a file that isn't one
        const [pid] = childrenOf(first.pid);
        first.kill("SIGKILL");
        if (pid !== undefined) process.kill(pid, "SIGKILL");
        await p.abandon();
        await first.ended();
        const began = performance.now();
        const env = { ...process.env, FLYBROWSER_STATE_DIR: first.state_dir };
        if (next === "host") await host({ state_dir: first.state_dir });
        else {
          const args = ["--import", "tsx", "cli/flybrowser.ts", "recordings", "finish", "--json"];
          const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: paced(20_000) });
          expect(stdout).toContain('"recovered"');
        }
        const journal = join(first.state_dir, "recordings", recording_id, "journal.json");
        const read = () => JSON.parse(readFileSync(journal, "utf8")) as RecordingInfo;
        await until("the file", () => read().status === "recovered", 20_000);
        expect(performance.now() - began, next).toBeLessThan(paced(9_000)); // nobody waits for its tab
        expect(readdirSync(dirname(path))).toEqual(["talk.mp4"]);
        expect((await watch(path)).frames).toBeGreaterThan(30);
      };
      await Promise.all([killed("host"), killed("command")]);
    },
    paced(60_000),
  );

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
    expect(seen.complaints).toEqual([]);
    expect(Math.abs(seen.last_frame - stopped.duration_seconds)).toBeLessThan(0.15);
    expect(seen.last_frame).toBeGreaterThan(duration_seconds + 3);
    expectSync(seen);
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
    expect(seen.complaints).toEqual([]);
    expect(seen.last_frame).toBeGreaterThan(4.5);
  });
});
