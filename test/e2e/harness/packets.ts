// The packets of a stream as ffprobe reads them, and the highest rate over windows of them.
import { run } from "./run.ts";

/** A packet of the picture. */
export interface Packet {
  /** s */
  readonly at: number;
  readonly bits: number;
}

/** The packets of the picture of a source that has ended. */
export async function videoPackets(source: string): Promise<Packet[]> {
  const show = ["-select_streams", "v:0", "-show_entries", "packet=pts_time,size", "-of", "csv=p=0"];
  const { stdout, stderr, status } = await run("ffprobe", ["-v", "error", ...show, source]);
  if (status !== 0) throw new Error(stderr);
  const lines = stdout.toString().trim().split("\n");
  return lines.map((line) => line.split(",")).map(([at, bytes]) => ({ at: Number(at), bits: Number(bytes) * 8 }));
}

/** Highest rate of any `window` s that begins `after` s or later into the packets, bit/s. */
export function peakRate(packets: readonly Packet[], window: number, after: number): number {
  const begin = (packets[0]?.at ?? 0) + after;
  const rates = packets
    .filter(({ at }) => at >= begin && at + window <= (packets.at(-1)?.at ?? 0) + 0.1)
    .map(({ at }) =>
      packets.reduce((sum, packet) => (packet.at >= at && packet.at < at + window ? sum + packet.bits : sum), 0),
    );
  if (rates.length === 0) throw new Error(`less than ${after + window} s of packets`);
  return Math.max(...rates) / window;
}
