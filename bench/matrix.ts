// `npm run matrix`: streams a real tab with every protocol, codec and profile, and writes docs/matrix.md. Each row is a stream
// that was probed, played in Chromium and measured, or the reason why there is none. Words after `--`
// (`npm run matrix -- dash vp9`) choose rows; the others, and what stands above them, stay as they were in the file.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { CODECS, PROTOCOLS, type StartStreamOptions } from "../protocol/options.ts";
import { PROFILES, QUALITIES, type Quality } from "../protocol/profiles.ts";
import { FlyBrowser } from "../sdk/index.ts";
import { type Cell, measureCell } from "../test/e2e/harness/cell.ts";
import { servePages } from "../test/e2e/harness/pages.ts";
import { startRtmpServer } from "../test/fixtures/rtmp/nginx.ts";
import { Cleanup } from "../test/fixtures/rtmp/processes.ts";

/** Tab of the profiles whose box is 4K, and of the others. */
const WIDE = { width: 3840, height: 2160 } as const;
const NORMAL = { width: 1920, height: 1080 } as const;
const CHOSEN = process.argv.slice(2);
const FILE = join(import.meta.dirname, "../docs/matrix.md");

const mbit = (bits: number | null) => (bits === null ? "–" : `${(bits / 1e6).toFixed(2)}`);

function row(cell: Cell): string {
  const { protocol = "hls", codec = "h264", quality = "high" } = cell.options;
  const head = `| ${protocol} | ${codec} | ${quality} |`;
  if (cell.refused !== null)
    return `${head} – | – | – | – | ${cell.refused.replaceAll("|", "/").replaceAll(/\s+/g, " ").slice(0, 160).trim()} |`;
  const cap = PROFILES[quality].video_bitrate;
  const rate = `${mbit(cell.bitrate)} of ${cap === null ? "no cap" : mbit(cap)}`;
  const size = `${cell.width}×${cell.height}`;
  return `${head} ${cell.encoder} | ${size} | ${cell.fps ?? "–"} of ${cell.frame_rate} | ${rate} | ${cell.probed}; ${cell.played} |`;
}

const cleanup = new Cleanup();
const pages = await servePages();
const server = await startRtmpServer(cleanup, "matrix");
const rows: string[] = [];
try {
  for (const viewport of [NORMAL, WIDE]) {
    const isWide = (quality: Quality) => (PROFILES[quality].max_width ?? 0) > NORMAL.width;
    const browser = await FlyBrowser.launch({ viewport });
    try {
      await browser.goto(pages.url("pattern.html?smooth"));
      for (const protocol of PROTOCOLS) {
        for (const codec of CODECS) {
          for (const quality of QUALITIES.filter((name) => isWide(name) === (viewport === WIDE))) {
            if (!CHOSEN.every((word) => [`${protocol}`, codec, quality].includes(word))) continue;
            const rtmp = { rtmp_url: `rtmp://127.0.0.1:${server.port}/open`, rtmp_key: `${codec}-${quality}` };
            const options: StartStreamOptions = { protocol, codec, quality, ...(protocol === "rtmp" ? rtmp : {}) };
            const line = row(await measureCell(browser, options));
            process.stderr.write(`${line}\n`);
            rows.push(line);
          }
        }
      }
    } finally {
      await browser.close();
    }
  }
} finally {
  await pages.close();
  await cleanup.run();
}
/** Protocol, codec and quality of a row. */
const keyOf = (line: string) => line.split("|").slice(1, 4).join();
const file = CHOSEN.length === 0 ? "" : readFileSync(FILE, "utf8");
const before = file.split("\n").filter((line) => /^\| (?!protocol)/.test(line));
const made = new Map([...before, ...rows].map((line) => [keyOf(line), line]));
const machine = `${cpus().length} × ${cpus()[0]?.model ?? "unknown processor"}, Node ${process.version}`;
const head = `# Protocol × codec × profile, measured

Made by \`npm run matrix\` (\`bench/matrix.ts\`) on ${machine}, ${new Date().toISOString().slice(0, 10)}: a moving test page with sound in a tab
of 1920×1080 (3840×2160 for \`local_4k\` and \`studio\`), streamed for a few seconds per row. Frame rate and Mbit/s (video and
sound) are what the stream had, next to what was asked for: without a GPU, 4K is drawn and encoded at a few frames per second.
The last column says what ffprobe saw and how Chromium played it.

`;
const table = `| protocol | codec | quality | encoder | size | fps | Mbit/s | ffprobe; Chromium |
|---|---|---|---|---|---|---|---|
${[...made.values()].join("\n")}
`;
writeFileSync(FILE, (file === "" ? head : file.slice(0, file.indexOf("| protocol |"))) + table);
process.stderr.write(`${rows.length} rows in ${FILE}\n`);
