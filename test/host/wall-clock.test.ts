// A real host whose wall clock somebody sets while it streams: nothing of the stream moves, and its dates are right again from the
// next run on.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { PlayerState } from "../../protocol/player-messages.ts";
import { HostProcess } from "./harness/host-process.ts";
import { childrenOf, until } from "./harness/processes.ts";
import { Publisher } from "./harness/publisher.ts";

const HOUR = 3_600_000;
/** ms: more than a segment and a busy machine take, less than any clock here is set by. */
const WELL_BEHIND = 20_000;
/** ms: what a busy machine takes between a medium's moment and this test's look at its date. */
const NEARLY = 20_000;
const PRELOAD = join(import.meta.dirname, "../fixtures/stepped-wall-clock.mjs");

const closers: (() => Promise<void>)[] = [];
afterAll(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

const dates = (playlist: string) =>
  [...playlist.matchAll(/PROGRAM-DATE-TIME:(\S+)/g)].map(([, date]) => Date.parse(date ?? ""));

test.concurrent.each([-HOUR, HOUR, -600_000])(
  "a stream in a browser 60 s behind its host, whose clock is then set by %d ms",
  async (ms) => {
    const folder = mkdtempSync(join(tmpdir(), "flybrowser-clock-"));
    closers.push(async () => rmSync(folder, { recursive: true }));
    const file = join(folder, "ahead");
    const set = (ahead: number) => writeFileSync(file, String(ahead));
    set(60_000);
    const host = new HostProcess({ env: { NODE_OPTIONS: `--import ${PRELOAD}`, STEPPED_WALL_CLOCK: file } });
    closers.push(() => host.close());
    await host.hello();
    const publisher = await Publisher.open(host, { options: { quality: "medium" } });
    closers.push(() => publisher.abandon());
    const { hls_url } = await publisher.playable();
    const playlist = async () => (await fetch((hls_url ?? "").replace("index", "video"))).text();
    const manifest = async () => (await fetch((hls_url ?? "").replace("index.m3u8", "manifest.mpd"))).text();
    const clock = () => fetch((hls_url ?? "").replace("index.m3u8", "time"));
    const starts: (string | undefined)[] = [];
    /** ms from the end of the newest media to now, as DASH players compute it: by the clock that the MPD names. */
    const behindByDash = async () => {
      const mpd = await manifest();
      starts.push(/availabilityStartTime="(\S+)"/.exec(mpd)?.[1]);
      return Date.parse(await (await clock()).text()) - Date.parse(/publishTime="(\S+)"/.exec(mpd)?.[1] ?? "");
    };
    const state = async () =>
      (await (await fetch((hls_url ?? "").replace("index.m3u8", "state"))).json()) as PlayerState;
    const info = () => host.heard("stream_status").at(-1)?.info;
    /** ms from the newest date of the media to the host's time, as players compute it. */
    const behind = async () => Date.parse((await state()).server_time ?? "") - (dates(await playlist()).at(-1) ?? 0);

    expect(Math.abs((dates(await playlist())[0] ?? 0) - Date.now() - 60_000)).toBeLessThan(NEARLY);
    expect(await behind()).toBeLessThan(WELL_BEHIND);
    expect(Math.abs(await behindByDash())).toBeLessThan(WELL_BEHIND);
    expect(await manifest()).not.toContain("http-head");
    const { task_id } = await host.peer.call("beginTask", {
      stream_id: publisher.stream_id,
      task: { name: "before", detail: null, parent_id: null, started_at: new Date(Date.now() + 60_000).toISOString() },
    });
    const uptime = info()?.uptime_seconds ?? 0;
    set(60_000 + ms);
    process.kill(host.pid, "SIGUSR2");
    await until("a second more", () => (info()?.uptime_seconds ?? 0) > uptime + 1);
    expect(info()?.uptime_seconds).toBeLessThan(uptime + 5);
    await until("health", () => info()?.health === "healthy");
    expect(info()).toMatchObject({ state: "active", tasks: [{ task_id, name: "before" }] });
    expect(await behind()).toBeLessThan(WELL_BEHIND);
    expect(await behind()).toBeGreaterThan(0);
    expect(Math.abs(await behindByDash())).toBeLessThan(WELL_BEHIND);

    for (const pid of await childrenOf(host.pid)) process.kill(pid, "SIGKILL");
    await until("a wish for a fresh run", () => host.heard("run_needed").length > 0);
    await publisher.freshRun();
    await until("the fresh run's media", async () => (await playlist()).includes("EXT-X-DISCONTINUITY\n"), 10_000);
    const after = dates(await playlist());
    const [first = 0, last = 0] = [after[0], after.at(-1)];
    expect(Math.abs(last - first - ms)).toBeLessThan(2 * NEARLY);
    expect(Math.abs(last - Date.now() - 60_000 - ms)).toBeLessThan(NEARLY);
    expect(await behind()).toBeLessThan(WELL_BEHIND);
    expect(Math.abs(await behindByDash())).toBeLessThan(WELL_BEHIND);
    expect(new Set(starts).size).toBe(1);
    const references = [...(await manifest()).matchAll(/<ProducerReferenceTime id="1".*? wallClockTime="(\S+)"/g)];
    expect(references.length).toBeGreaterThan(0);
    for (const [, date = ""] of references)
      expect(Math.abs(Date.parse(date) - Date.now() - 60_000 - ms)).toBeLessThan(NEARLY);
    expect(Math.abs(Date.parse((await clock()).headers.get("date") ?? "") - Date.now() - 60_000 - ms)).toBeLessThan(
      NEARLY,
    );
    await until("health", () => info()?.health === "healthy" && info()?.state === "active");
    const second = await host.peer.call("beginTask", {
      stream_id: publisher.stream_id,
      task: { name: "after", detail: null, parent_id: null },
    });
    await until("both tasks", () => info()?.tasks.length === 2);
    expect((await playlist()).match(/#EXT-X-DATERANGE/g)).toHaveLength(2);
    expect(await playlist()).toContain(
      `ID="${second.task_id}",CLASS="com.flybrowser.task",START-DATE="${second.started_at}"`,
    );
  },
);
