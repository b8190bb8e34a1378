// Lays out the results as tables of text.
import type { ColourRow } from "../colour/section.ts";
import { type CompareResult, FIGURES, VARIANTS } from "../compare/section.ts";
import type { CostRow } from "../cost/section.ts";
import { type DestinationsResult, MIXTURES } from "../destinations/section.ts";
import type { DriftResult } from "../drift/section.ts";
import type { Verdict } from "../floors.ts";
import type { LatencyRow } from "../latency/section.ts";
import type { LiveRow } from "../live/section.ts";
import type { Machine } from "../machine.ts";
import type { BenchResults } from "../results.ts";
import type { StartResult } from "../start/section.ts";
import type { Summary } from "../statistics.ts";
import type { StillRow } from "../still/section.ts";
import type { ViewersResult } from "../viewers/section.ts";

/** Lays out rows in columns; all but the first column to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  ");
  return [line(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line)]
    .join("\n")
    .replace(/ +$/gm, "");
}

const fixed = (digits: number) => (figure: number) => figure.toFixed(digits);
/** Median, with least and greatest behind it. */
const spread = ({ median, min, max, count }: Summary, digits: number) =>
  count < 2 ? median.toFixed(digits) : `${median.toFixed(digits)} (${min.toFixed(digits)}-${max.toFixed(digits)})`;

function machineText(machine: Machine): string {
  const programs = [`Node ${machine.node}`, machine.chromium, `FFmpeg ${machine.ffmpeg}`, machine.nginx ?? "no nginx"];
  const load = `load before the run ${machine.load_before.toFixed(2)}`;
  return `${machine.cores} cores, ${machine.cpu}, ${machine.memory} GiB, Linux ${machine.kernel}; ${programs.join(", ")}; ${load}`;
}

function latencyText(rows: readonly LatencyRow[]): string {
  const head = [
    "Latency, glass to glass",
    "p50 ms",
    "p95 ms",
    "min",
    "max",
    "distinct fps",
    "stalls",
    "longest gap ms",
  ];
  const cells = rows.map(({ title, figures, failed }) => {
    if (!figures) return [title, failed ?? ""];
    const { p50, p95, min, max, distinct_fps, stalls, longest_gap } = figures;
    return [
      title,
      ...[p50, p95, min, max].map(fixed(0)),
      distinct_fps.toFixed(1),
      String(stalls),
      longest_gap.toFixed(0),
    ];
  });
  return withFailures(head, cells);
}

function costText(rows: readonly CostRow[]): string {
  const head = [
    "Cost",
    "cores",
    "browser",
    "host",
    "ffmpeg",
    "driver",
    "MiB",
    "host+ffmpeg MiB",
    "distinct fps",
    "behind ms",
    "elsewhere",
  ];
  const cells = rows.map(({ title, cores, memory, distinct_fps, latency, elsewhere, failed }) => {
    if (!cores || !memory || !distinct_fps || !elsewhere) return [title, failed ?? ""];
    const each = [cores.browser, cores.host, cores.ffmpeg, cores.driver].map((figure) => figure.median.toFixed(3));
    const beside = (memory.host.median + memory.ffmpeg.median).toFixed(0);
    return [
      title,
      spread(cores.total, 2),
      ...each,
      spread(memory.total, 0),
      beside,
      spread(distinct_fps, 1),
      latency ? spread(latency, 0) : "",
      spread(elsewhere, 2),
    ];
  });
  const notes = rows.map(({ title, note }) => `  ${title}: ${note}`);
  notes.push("  elsewhere: cores that everything else on the machine used meanwhile, the bench's own reader with it");
  return [withFailures(head, cells), ...notes].join("\n");
}

function liveText(rows: readonly LiveRow[]): string {
  const head = [
    "Live engine",
    "stood",
    "MB each",
    "least",
    "behind p50 ms",
    "p99",
    "left out",
    "host cores",
    "crowd cores",
  ];
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(2);
  const cells = rows.map((row) => [
    `${row.viewers} viewers`,
    String(row.connected),
    megabytes(row.median_bytes),
    megabytes(row.least_bytes),
    row.behind_p50.toFixed(1),
    row.behind_p99.toFixed(1),
    String(row.left_out),
    row.host_cores.toFixed(3),
    row.crowd_cores.toFixed(2),
  ]);
  const note =
    "  behind: an object came to a viewer so long after it had come to the first one; the viewers run on the same cores";
  return [table(head, cells), note].join("\n");
}

function stillText(rows: readonly StillRow[]): string {
  const tab = rows.find(({ name }) => name === "tab")?.cores?.total.median;
  const head = [
    "A page that stands still",
    "cores",
    "less the tab",
    "browser",
    "host",
    "ffmpeg",
    "driver",
    "elsewhere",
  ];
  const cells = rows.map(({ title, cores, elsewhere, failed }) => {
    if (!cores || !elsewhere) return [title, failed ?? ""];
    const less = tab === undefined ? "" : (cores.total.median - tab).toFixed(3);
    const each = [cores.browser, cores.host, cores.ffmpeg, cores.driver].map((figure) => figure.median.toFixed(3));
    return [title, spread(cores.total, 3), less, ...each, spread(elsewhere, 2)];
  });
  return withFailures(head, cells);
}

function viewersText(result: ViewersResult): string {
  const head = [
    "Viewers",
    "n",
    "parts",
    "late",
    "slow",
    "p50 ms",
    "p99",
    "worst",
    "MB/s",
    "req/s",
    "server cores",
    "swarm cores",
    "errors",
  ];
  const cells = result.rows.map((row) => [
    row.server,
    String(row.viewers),
    String(row.parts),
    String(row.late),
    String(row.slow),
    ...[row.p50, row.p99, row.worst].map(fixed(0)),
    (row.bytes_per_second / 1e6).toFixed(1),
    row.requests_per_second.toFixed(0),
    row.server_cores.toFixed(2),
    row.swarm_cores.toFixed(2),
    String(row.errors),
  ]);
  const most = `Most viewers without a late part: host ${result.most_at_host}, nginx ${result.most_at_nginx ?? `not measured (${result.nginx_failed})`}.`;
  const definition = [
    "  late: the last byte came later than PART-HOLD-BACK minus the part's duration after the first viewer learned of it",
    "  (a player at PART-HOLD-BACK would stand still); slow: more than one PART-TARGET after it. The simulated viewers",
    "  run on the same cores.",
  ];
  return [table(head, cells), most, ...definition].join("\n");
}

function startText(start: StartResult): string {
  return table(
    ["Start", "ms: median (min-max)"],
    [
      ["startStream to its return", spread(start.return, 0)],
      ["startStream to the first frame at a viewer", spread(start.first_frame, 0)],
      ["player opened to the first frame", spread(start.open_to_first_frame, 0)],
    ],
  );
}

function destinationsText({ one, eight, more, elsewhere }: DestinationsResult): string {
  const mixtures = Object.keys(MIXTURES) as (keyof typeof MIXTURES)[];
  return table(
    ["Destinations, host and FFmpeg", "CPU cores", "more than one"],
    [
      ["one by RTMP", spread(one, 3), ""],
      ...mixtures.map((mixture) => [MIXTURES[mixture], spread(eight[mixture], 3), spread(more[mixture], 3)]),
      ["everything else on the machine", spread(elsewhere, 2), ""],
    ],
  );
}

function driftText(drift: DriftResult): string {
  const { stream_before: before, stream_meanwhile: meanwhile } = drift;
  return table(
    [`A recording of ${drift.seconds.toFixed(0)} s, ${drift.megabytes.toFixed(0)} MB`, "ms"],
    [
      ["sound after its video, first minute", drift.at_start.toFixed(1)],
      ["the same, last minute", drift.at_end.toFixed(1)],
      [`least and most of ${drift.marks} marks`, `${drift.least.toFixed(1)} to ${drift.most.toFixed(1)}`],
      [
        "what was fed in: first minute, last minute, least to most",
        `${drift.fed.at_start.toFixed(1)}, ${drift.fed.at_end.toFixed(1)}, ${drift.fed.least.toFixed(1)} to ${drift.fed.most.toFixed(1)}`,
      ],
      [`its file made (progress told in ${drift.progress_steps} steps)`, (drift.finish_seconds * 1000).toFixed(0)],
      ["a live stream beside it: longest wait for a part before", before.longest_gap.toFixed(0)],
      [`the same meanwhile (${meanwhile.dropped} frames dropped)`, meanwhile.longest_gap.toFixed(0)],
    ],
  );
}

function colourText(rows: readonly ColourRow[]): string {
  const head = ["Colours", "mean ΔE2000", "largest", "SSIM of text, Y", "the same, Cb or Cr", "worst patch"];
  const cells = rows.map(({ compositor, stream, viewer, seen, failed }) => {
    const title = `${compositor}: ${stream}, ${viewer}`;
    if (!seen) return [title, failed ?? ""];
    const text = seen.text ? [seen.text.luma.toFixed(4), seen.text.chroma.toFixed(4)] : ["", ""];
    return [title, seen.mean.toFixed(2), seen.largest.toFixed(2), ...text, seen.worst];
  });
  return withFailures(head, cells);
}

function compareText(compare: CompareResult): string {
  const head = ["old", "new", "new / old, pair by pair"];
  const tables = (Object.keys(VARIANTS) as (keyof typeof VARIANTS)[]).map((variant) => {
    const rows = compare.variants[variant].map((row) => {
      const digits = /_memory$/.test(row.figure) ? 1 : 3;
      if (row.figure === "elsewhere") return [FIGURES.elsewhere, spread(row.old, digits), spread(row.new, digits), ""];
      return [FIGURES[row.figure], spread(row.old, digits), spread(row.new, digits), spread(row.ratio, 2)];
    });
    return table([`With ${VARIANTS[variant]}`, ...head], rows);
  });
  return [`Old: ${compare.against}`, ...tables].join("\n\n");
}

/** A row that failed has two cells: they stand below the table, so that they don't widen it. */
function withFailures(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const good = rows.filter((row) => row.length > 2);
  const failed = rows.filter((row) => row.length <= 2).map(([title, reason]) => `  no figures for ${title}: ${reason}`);
  return [table(head, good), ...failed].join("\n");
}

/** The whole report. */
export function reportText(results: BenchResults, verdicts: readonly Verdict[]): string {
  const blocks = [machineText(results.machine)];
  if (results.quick) blocks.push("A quick run: these figures show that the bench works, and nothing else.");
  if (results.start) blocks.push(startText(results.start));
  if (results.latency) blocks.push(latencyText(results.latency));
  if (results.cost) blocks.push(costText(results.cost));
  if (results.still) blocks.push(stillText(results.still));
  if (results.destinations) blocks.push(destinationsText(results.destinations));
  if (results.viewers) blocks.push(viewersText(results.viewers));
  if (results.live) blocks.push(liveText(results.live));
  if (results.drift) blocks.push(driftText(results.drift));
  if (results.colour) blocks.push(colourText(results.colour));
  if (results.compare) blocks.push(compareText(results.compare));
  for (const [section, reason] of Object.entries(results.failed)) blocks.push(`Section ${section} failed: ${reason}`);
  if (verdicts.length > 0) {
    const rows = verdicts.map(({ name, unit, floor, at_least, measured, verdict }) => {
      const digits = unit === "cores" ? 3 : unit === "fps" ? 1 : 0;
      return [name, `${at_least ? ">=" : "<="} ${floor} ${unit}`.trim(), measured.toFixed(digits), verdict];
    });
    blocks.push(table(["Floor", "wanted", "measured", "verdict"], rows));
  }
  return blocks.join("\n\n");
}
