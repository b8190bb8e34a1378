// Draws the results as one SVG: latency by protocol, cost by method, late parts by number of viewers.
import type { BenchResults } from "../results.ts";

const WIDTH = 960;
const LEFT = 320;
const RIGHT = 150;
const ROW = 30;
const COLORS = { browser: "#8fb4d9", host: "#2e7d5b", ffmpeg: "#e0a030", driver: "#b9b9b9", bar: "#3a6ea5" } as const;

interface Bar {
  readonly label: string;
  readonly pieces: readonly { value: number; color: string }[];
  readonly figure: string;
}

const escapeXml = (text: string) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

function text(x: number, y: number, words: string, more = ""): string {
  return `<text x="${x.toFixed(0)}" y="${y.toFixed(0)}" ${more}>${escapeXml(words)}</text>`;
}

/** Horizontal bars below a title; gives the SVG and how far down it goes. */
function panel(
  top: number,
  title: string,
  bars: readonly Bar[],
  legend: readonly [string, string][],
): [string, number] {
  const greatest = Math.max(...bars.map(({ pieces }) => pieces.reduce((sum, { value }) => sum + value, 0)), 1e-9);
  const scale = (WIDTH - LEFT - RIGHT) / greatest;
  const parts = [text(20, top + 24, title, 'font-size="17" font-weight="600"')];
  legend.forEach(([name, color], index) => {
    const x = LEFT + 200 + index * 100;
    parts.push(`<rect x="${x}" y="${top + 14}" width="12" height="12" fill="${color}"/>`, text(x + 18, top + 24, name));
  });
  bars.forEach(({ label, pieces, figure }, index) => {
    const y = top + 44 + index * ROW;
    let x = LEFT;
    parts.push(text(LEFT - 10, y + 15, label, 'text-anchor="end"'));
    for (const { value, color } of pieces) {
      parts.push(
        `<rect x="${x.toFixed(1)}" y="${y}" width="${(value * scale).toFixed(1)}" height="20" fill="${color}"/>`,
      );
      x += value * scale;
    }
    parts.push(text(x + 8, y + 15, figure));
  });
  return [parts.join("\n"), top + 44 + bars.length * ROW + 16];
}

function latencyBars(results: BenchResults): Bar[] {
  return (results.latency ?? []).flatMap(({ title, figures }) =>
    figures
      ? [
          {
            label: title,
            pieces: [{ value: figures.p50, color: COLORS.bar }],
            figure: `${figures.p50.toFixed(0)} ms (p95 ${figures.p95.toFixed(0)})`,
          },
        ]
      : [],
  );
}

function costBars(results: BenchResults): Bar[] {
  return (results.cost ?? []).flatMap(({ title, cores, distinct_fps }) => {
    if (!cores || !distinct_fps) return [];
    const pieces = (["browser", "host", "ffmpeg", "driver"] as const).map((role) => ({
      value: cores[role].median,
      color: COLORS[role],
    }));
    return [
      { label: title, pieces, figure: `${cores.total.median.toFixed(2)} · ${distinct_fps.median.toFixed(1)} fps` },
    ];
  });
}

function viewersBars(results: BenchResults): Bar[] {
  return (results.viewers?.rows ?? []).map((row) => ({
    label: `${row.server}, ${row.viewers} viewers`,
    pieces: [{ value: row.server_cores, color: row.server === "host" ? COLORS.host : COLORS.driver }],
    figure: `${row.server_cores.toFixed(2)} · ${row.late} late`,
  }));
}

/** The SVG of all sections that have results. */
export function plotSvg(results: BenchResults): string {
  const { cores, cpu, chromium } = results.machine;
  const roles: [string, string][] = [
    ["browser", COLORS.browser],
    ["host", COLORS.host],
    ["FFmpeg", COLORS.ffmpeg],
    ["driver", COLORS.driver],
  ];
  const panels: [string, Bar[], [string, string][]][] = [
    ["Latency, glass to glass (median)", latencyBars(results), []],
    ["CPU cores, 1280×720 at 30 fps", costBars(results), roles],
    ["CPU cores of the server, low-latency HLS", viewersBars(results), []],
  ];
  const drawn: string[] = [];
  let bottom = 10;
  for (const [title, bars, legend] of panels) {
    if (bars.length === 0) continue;
    const [svg, below] = panel(bottom, title, bars, legend);
    drawn.push(svg);
    bottom = below;
  }
  drawn.push(
    text(
      20,
      bottom + 14,
      `${cores} cores (${cpu}), ${chromium}, ${results.measured_at.slice(0, 10)}`,
      'fill="#666" font-size="12"',
    ),
  );
  const size = `width="${WIDTH}" height="${bottom + 30}" viewBox="0 0 ${WIDTH} ${bottom + 30}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} font-family="sans-serif" font-size="14" fill="#222">
<title>Latency, cost and viewers, measured</title>
<rect width="100%" height="100%" fill="#fff"/>
${drawn.join("\n")}
</svg>
`;
}
