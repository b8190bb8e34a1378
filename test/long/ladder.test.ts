// The ladder over time: a rung that nobody reads any more, one whose run or FFmpeg ends, one that this computer is too slow for, the end
// of the stream. Real hosts and FFmpegs; what it does in players is in ladder-players.test.ts.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { run } from "../e2e/harness/run.ts";
import { HostProcess } from "../host/harness/host-process.ts";
import { ffmpegsOf, until } from "../host/harness/processes.ts";
import { Publisher } from "../host/harness/publisher.ts";
import { Variants } from "../host/harness/variants.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** A stream with somebody who reads a rung of it, from its beginning on. */
async function watched(): Promise<{ host: HostProcess; publisher: Publisher; variants: Variants; stop: () => void }> {
  const host = new HostProcess();
  closers.push(() => host.close());
  await host.hello();
  const publisher = await Publisher.open(host, { media: { width: 640, height: 480, bitrate: 600_000, uneven: true } });
  closers.push(() => publisher.abandon());
  const { hls_url } = await publisher.playable();
  const variants = new Variants(hls_url as string);
  await until("the rungs to be known", async () => (await variants.listed()).size === 3);
  let reads = true;
  const reader = (async () => {
    while (reads) {
      await variants.status("rung1.m3u8").catch(() => 0);
      await new Promise((done) => setTimeout(done, 300));
    }
  })();
  const stop = () => {
    reads = false;
  };
  closers.push(async () => {
    stop();
    await reader;
  });
  await until("the rung's FFmpeg", () => ffmpegsOf(host.pid).length === 2, 60_000);
  return { host, publisher, variants, stop };
}

/** A computer that is short of CPU refuses a rung for a while. */
const text = (variants: Variants, id: string) =>
  until(`a playlist of ${id}`, async () => (await variants.file(`${id}.m3u8`).catch(() => null))?.toString(), 60_000);
/** Numbers, to the ms lengths and dates of the whole segments of a rendition, under the name of another one. */
const outline = async (variants: Variants, id: string) =>
  (await variants.segments(id)).map(({ msn, duration, date }) => `${msn} ${duration} ${date}`);

test("ten seconds without a reader end a rung", async () => {
  const { host, stop } = await watched();
  stop();
  const began = performance.now();
  await until("the rung's FFmpeg to be gone", () => ffmpegsOf(host.pid).length === 1, 30_000);
  expect(performance.now() - began).toBeGreaterThan(9_000);
});

test("a run of another size: a discontinuity at the same place, nothing missing", async () => {
  const { publisher, variants } = await watched();
  await until("two segments that were made live", async () => (await variants.segments("rung1")).length >= 4, 30_000);
  await publisher.freshRun({ width: 480, height: 640 });
  await until(
    "two segments of the next run",
    async () => (await text(variants, "rung1")).split("#EXT-X-DISCONTINUITY\n")[1]?.match(/EXTINF/g)?.length === 2,
    60_000,
  );
  const rung = await text(variants, "rung1");
  expect(rung).not.toContain("#EXT-X-GAP");
  expect([...rung.matchAll(/EXT-X-MAP:URI="(.*)"/g)].map(([, name]) => name)).toEqual([
    "init-rung1-0.mp4",
    "init-rung1-1.mp4",
  ]);
  const [source, made] = [await outline(variants, "video"), await outline(variants, "rung1")];
  const shared = source.filter((line) => made.some((other) => other.split(" ")[0] === line.split(" ")[0]));
  expect(made.slice(0, shared.length)).toEqual(shared);
  // Up to the last frame of the run that ended.
  const before = rung.slice(0, rung.indexOf("#EXT-X-DISCONTINUITY\n"));
  const last = /rung1-(\d+)\.m4s\n$/.exec(before)?.[1];
  const packets = await Promise.all(["video", "rung1"].map((id) => variants.packets(id, `${id}-${last}.m4s`)));
  expect(packets[1]?.length).toBe(packets[0]?.length);
  const [, height] = await sizeOf(variants, "init-rung1-1.mp4");
  expect(height).toBe(480);
});

async function sizeOf(variants: Variants, init: string): Promise<[number, number]> {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-rung-"));
  closers.push(async () => rmSync(folder, { recursive: true }));
  const moov = (await variants.file(init)).toString("latin1");
  const at = moov.indexOf("avc1", moov.indexOf("stsd")) + 4 + 24;
  const bytes = Buffer.from(moov.slice(at, at + 4), "latin1");
  return [bytes.readUInt16BE(0), bytes.readUInt16BE(2)];
}

test("a rung whose FFmpeg dies goes on with another, and so does one whose source's FFmpeg dies", async () => {
  const { host, publisher, variants } = await watched();
  const [source, rung] = ffmpegsOf(host.pid).sort((a, b) => a - b);
  process.kill(rung as number, "SIGKILL");
  await until("another FFmpeg", () => ffmpegsOf(host.pid).some((pid) => pid !== source && pid !== rung), 20_000);
  const grows = async () => {
    const before = (await variants.segments("rung1")).at(-1)?.msn ?? 0;
    const next = await until(
      "two more segments",
      async () => (await variants.segments("rung1")).find(({ msn }) => msn >= before + 2),
      60_000,
    );
    return variants.packets("rung1", next.name, publisher.run);
  };
  expect((await grows())[0]?.keyframe).toBe(true);
  process.kill(source as number, "SIGKILL");
  await until("a fresh run to be wanted", () => host.heard("run_needed")[0]);
  await publisher.freshRun();
  expect((await grows()).length).toBeGreaterThan(15);
});

test("a rung that can't keep up is refused, said so, and made again later; the source doesn't notice", {
  timeout: 180_000,
}, async () => {
  const { host, variants } = await watched();
  const [, rung] = ffmpegsOf(host.pid).sort((a, b) => a - b);
  process.kill(rung as number, "SIGSTOP");
  const before = (await variants.segments("video")).at(-1)?.msn ?? 0;
  await until("it to be refused", async () => (await variants.status("rung1.m3u8")) === 503, 20_000);
  const reasons = () => JSON.stringify(host.heard("stream_status").at(-1)?.info.health_reasons);
  await until("the status to say so", () => reasons()?.includes("health.no_rungs"));
  expect(host.log).toContain("no rungs for 15 s");
  await until("its FFmpeg to be gone", () => !ffmpegsOf(host.pid).includes(rung as number));
  expect(await variants.status("rung2.m3u8")).toBe(503);
  await until("the source to go on", async () => ((await variants.segments("video")).at(-1)?.msn ?? 0) > before + 5);
  await until("the rung to be made again", async () => (await variants.status("rung1.m3u8")) === 200, 30_000);
  expect((await variants.listed()).size).toBe(3);
});

test("the end while a rung is read: all of it, to the last frame; FFmpeg plays it", async () => {
  const { host, publisher, variants, stop } = await watched();
  await until("four segments", async () => (await variants.segments("rung1")).length >= 4, 30_000);
  await publisher.stop();
  stop();
  const rung = await text(variants, "rung1");
  expect(rung).toContain("#EXT-X-ENDLIST");
  expect(await outline(variants, "rung1")).toEqual(await outline(variants, "video"));
  await until("no FFmpeg to be left", () => ffmpegsOf(host.pid).length === 0);
  const entries = ["-count_packets", "-show_entries", "stream=codec_type,height,nb_read_packets", "-of", "csv=p=0"];
  const probed = async (id: string) =>
    (await run("ffprobe", ["-v", "error", ...entries, variants.url(`${id}.m3u8`)])).stdout.toString().trim();
  const [source, lower] = [await probed("video"), await probed("rung1")];
  expect(lower).toMatch(/^video,360,/);
  expect(lower.split(",")[2]).toBe(source.split(",")[2]);
});
