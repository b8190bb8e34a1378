// The latency of the last minute as a line, in the details.
import { formatLatency } from "../format.ts";
import { TEXT } from "../wording.ts";

const WIDTH = 280;
const HEIGHT = 56;
/** Latencies that the graph is wide. */
const COUNT = 60;

/** The graph. `latencies`: ms, one a second, the newest last; `null` where nothing played. */
export function LatencyGraph({ latencies }: { latencies: readonly (number | null)[] }) {
  const shown = latencies.slice(-COUNT);
  const known = shown.filter((latency) => latency !== null);
  if (known.length < 2) return null;
  const highest = Math.max(...known);
  const scale = highest * 1.15 || 1;
  const x = (index: number) => ((COUNT - shown.length + index) * WIDTH) / (COUNT - 1);
  const y = (latency: number) => HEIGHT - (latency / scale) * HEIGHT;
  // A gap in the latencies is a gap in the line.
  const path = shown.map((latency, index) => {
    if (latency === null) return "";
    const command = index > 0 && shown[index - 1] !== null ? "L" : "M";
    return `${command}${x(index).toFixed(1)} ${y(latency).toFixed(1)}`;
  });
  const range = `${formatLatency(Math.min(...known))} – ${formatLatency(highest)}`;
  return (
    <figure class="latency-graph">
      <figcaption>
        <span>{TEXT.latency_graph}</span>
        <span>{range}</span>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={range}>
        <path d={path.join(" ")} vector-effect="non-scaling-stroke" />
      </svg>
    </figure>
  );
}
