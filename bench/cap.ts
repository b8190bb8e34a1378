// `npm run cap`: whether the video's bitrate stays below its cap on hard pages, in a real tab, over any 4 s of what viewers
// get. Words after `--` (`npm run cap -- medium video`) choose rows; `seconds` adds every second's bitrate. The last line and
// the exit status say whether all rows held.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sleep } from "../protocol/async.ts";
import { CODECS, type StartStreamOptions } from "../protocol/options.ts";
import { PROFILES, QUALITIES, type Quality } from "../protocol/profiles.ts";
import { FlyBrowser } from "../sdk/index.ts";
import { ffmpeg } from "../test/e2e/harness/media.ts";
import { type Packet, videoPackets } from "../test/e2e/harness/packets.ts";
import { servePages } from "../test/e2e/harness/pages.ts";
import { table } from "./report/text.ts";

/** s of stream a row. */
const SECONDS = 20;
/** s of stream before what begins while live begins. */
const CALM = 5;
/** s: the windows, and by how much the next one begins later. */
const WINDOW = 4;
const STEP = 0.5;
/** What the contract allows over a window, in caps; of noise less is asked, after its first 3 s. */
const ALLOWED = 1.1;
const NOISE = 1.25;
/** s after the begin of noise, and of what begins while live, from which windows are judged. */
const SETTLED = 3;

const words = process.argv.slice(2);

interface Case {
  readonly name: string;
  readonly page: string;
  /** Script of the page that makes it hard while live; left out: hard from the start. */
  readonly begin?: string;
  readonly noise?: true;
}

const CASES: readonly Case[] = [
  { name: "scroll-slow", page: "text.html?scroll=3" },
  { name: "scroll-fast", page: "text.html?scroll=40" },
  { name: "scroll-pages", page: "text.html?scroll=400" },
  { name: "webgl", page: "webgl.html" },
  { name: "video", page: "video.html" },
  { name: "noise", page: "noise.html", noise: true },
  { name: "scroll-fast-live", page: "text.html?scroll=0", begin: "window.scroll_by = 40" },
  { name: "video-live", page: "video.html?paused", begin: "window.begin()" },
  { name: "noise-live", page: "noise.html?calm", begin: "window.noise = true", noise: true },
];

/** bit/s over each window that begins `after` s or later, with its begin; all in s. */
function rates(
  packets: readonly Packet[],
  after: number,
  window = WINDOW,
  step = STEP,
): { at: number; rate: number }[] {
  const [first, last] = [packets[0]?.at ?? 0, packets.at(-1)?.at ?? 0];
  const found = [];
  for (let at = first + after; at + window <= last; at += step) {
    const bits = packets.reduce(
      (sum, packet) => (packet.at >= at && packet.at < at + window ? sum + packet.bits : sum),
      0,
    );
    found.push({ at: at - first, rate: bits / window });
  }
  return found;
}

/** A clip of moving detail with a little grain, as films have. */
async function makeClip(path: string): Promise<void> {
  const source = "mandelbrot=size=1280x720:rate=30:end_scale=0.0005,noise=alls=5:allf=t+u,format=yuv420p";
  const encoder = ["-c:v", "libx264", "-preset", "ultrafast", "-crf", "16", "-movflags", "+faststart"];
  await ffmpeg(["-v", "error", "-f", "lavfi", "-i", source, "-t", "20", ...encoder, path], 120_000);
}

/** Streams one page and gives its row. */
async function measure(
  browser: FlyBrowser,
  url: string,
  hard: Case,
  options: StartStreamOptions & { quality: Quality },
) {
  const cap = PROFILES[options.quality].video_bitrate ?? Number.NaN;
  await browser.goto(url);
  if (!hard.begin) await sleep(1_000); // loaded, and moving
  const started = await browser.startStream(options);
  const makers = [started.encoder];
  let began: number | null = null; // on the stream's clock, s
  const from = performance.now();
  try {
    while (performance.now() - from < SECONDS * 1000) {
      if (hard.begin && began === null && performance.now() - from >= CALM * 1000) {
        const status = await browser.getStreamStatus();
        if (!status.active) throw new Error(status.error);
        began = (Date.now() - Date.parse(status.status.started_at)) / 1000;
        await browser.page.evaluate(hard.begin);
      }
      await sleep(100);
      const status = await browser.getStreamStatus();
      if (!status.active) throw new Error(status.error);
      if (makers.at(-1) !== status.status.encoder) makers.push(status.status.encoder);
    }
  } finally {
    await browser.stopStream();
  }
  const packets = await videoPackets(started.hls_url ?? "");
  const all = rates(packets, 0);
  const peak = all.reduce((most, each) => (each.rate > most.rate ? each : most));
  const settled = (began ?? packets[0]?.at ?? 0) + SETTLED - (packets[0]?.at ?? 0);
  const judged = hard.noise || hard.begin ? rates(packets, settled) : all;
  const worst = Math.max(...judged.map(({ rate }) => rate)) / cap;
  const held = worst <= (hard.noise ? NOISE : ALLOWED);
  if (words.includes("seconds")) {
    const each = rates(packets, 0, 1, 1).map(({ rate }) => (rate / cap).toFixed(2));
    process.stderr.write(`${hard.name}, caps in each second: ${each.join(" ")}\n`);
  }
  const fps = packets.length / ((packets.at(-1)?.at ?? 0) - (packets[0]?.at ?? 0));
  return {
    held,
    cells: [
      hard.name,
      options.quality,
      options.codec ?? "h264",
      makers.join(" → "),
      fps.toFixed(1),
      (all.reduce((sum, { rate }) => sum + rate, 0) / all.length / cap).toFixed(2),
      `${(peak.rate / cap).toFixed(2)} at ${peak.at.toFixed(1)} s`,
      worst.toFixed(2),
      held ? "held" : "ABOVE",
    ],
  };
}

const chosen = <T extends string>(names: readonly T[], standard: readonly T[]) => {
  const found = names.filter((name) => words.includes(name));
  return found.length > 0 ? found : standard;
};
const names = chosen(
  CASES.map(({ name }) => name),
  CASES.map(({ name }) => name),
);
const folder = await mkdtemp(join(tmpdir(), "flybrowser-cap-"));
const clip = join(folder, "clip.mp4");
await makeClip(clip);
const pages = await servePages({ "clip.mp4": clip });
const browser = await FlyBrowser.launch();
const rows: Awaited<ReturnType<typeof measure>>[] = [];
try {
  for (const quality of chosen(QUALITIES, ["medium", "high"])) {
    for (const codec of chosen(CODECS, ["h264"])) {
      for (const hard of CASES.filter(({ name }) => names.includes(name))) {
        const row = await measure(browser, pages.url(hard.page), hard, { quality, codec, audio: false });
        process.stderr.write(`${row.cells.join("  ")}\n`);
        rows.push(row);
      }
    }
  }
} finally {
  await browser.close();
  await pages.close();
  await rm(folder, { recursive: true, force: true });
}
const head = ["page", "quality", "codec", "made by", "fps", "mean, caps", "highest 4 s", "judged", ""];
process.stdout.write(
  `${table(
    head,
    rows.map(({ cells }) => cells),
  )}\n`,
);
const above = rows.filter(({ held }) => !held).length;
process.stdout.write(`${rows.length - above} held, ${above} above\n`);
process.exit(above === 0 ? 0 : 1);
