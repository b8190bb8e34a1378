// Reads the playlists of a stream's ladder, and what the segments of a rendition hold, by ffprobe.
import { spawn } from "node:child_process";
import { json } from "node:stream/consumers";
import { until } from "./processes.ts";

/** A segment as a playlist lists it. */
export interface ListedSegment {
  readonly msn: number;
  readonly name: string;
  /** s, to the ms */
  readonly duration: number;
  /** Epoch ms. */
  readonly date: number;
}

/** A video packet, times in s. */
export interface Packet {
  readonly pts: number;
  readonly keyframe: boolean;
}

/** The files of one stream. */
export class Variants {
  readonly #base: string;

  /** @param hls_url of the stream */
  constructor(hls_url: string) {
    this.#base = hls_url.replace(/index\.m3u8$/, "");
  }

  /** The attributes of each variant, by the name of its playlist. */
  async listed(): Promise<Map<string, Record<string, string>>> {
    const text = (await this.file("index.m3u8")).toString();
    const found = text.matchAll(/^#EXT-X-STREAM-INF:(.*)\n(.*)$/gm);
    const attributes = (list: string) =>
      Object.fromEntries([...list.matchAll(/([A-Z-]+)=(?:"([^"]*)"|([^,]*))/g)].map(([, k, q, v]) => [k, q ?? v]));
    return new Map([...found].map(([, list = "", uri = ""]) => [uri.replace(".m3u8", ""), attributes(list)]));
  }

  /** The whole segments of a rendition. A computer that is short of CPU refuses a rung for a while: waits for that to be over. */
  async segments(id: string): Promise<ListedSegment[]> {
    const text = await until(
      `a playlist of ${id}`,
      async () => {
        const response = await fetch(`${this.#base}${id}.m3u8`);
        return response.ok ? response.text() : null;
      },
      90_000,
    );
    const found = text.matchAll(
      /^#EXT-X-PROGRAM-DATE-TIME:(.*)\n(?:#EXT-X-PART:.*\n)*#EXTINF:([\d.]+),\n(.*-(\d+)\.m4s)$/gm,
    );
    return [...found].map(([, date = "", duration, name = "", msn]) => {
      return { msn: Number(msn), name, duration: Math.round(Number(duration) * 1000) / 1000, date: Date.parse(date) };
    });
  }

  /** Address of a file. */
  url(name: string): string {
    return this.#base + name;
  }

  /** The bytes of a file. */
  async file(name: string): Promise<Buffer> {
    // 503: the machine is too busy for this rung just now. Players ask again, as Retry-After says.
    const response = await until(`an answer other than 503 to ${name}`, async () => {
      const answer = await fetch(this.#base + name);
      return answer.status !== 503 && answer;
    });
    if (!response.ok) throw new Error(`${name} gave ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  }

  /** The status of a file. */
  async status(name: string): Promise<number> {
    const response = await fetch(this.#base + name);
    await response.arrayBuffer();
    return response.status;
  }

  /** The video packets of a segment of a run. */
  async packets(id: string, segment: string, run = 0): Promise<Packet[]> {
    const bytes = Buffer.concat([await this.file(`init-${id}-${run}.mp4`), await this.file(segment)]);
    const entries = ["-show_entries", "packet=pts_time,flags"];
    const child = spawn("ffprobe", ["-v", "error", ...entries, "-of", "json", "-f", "mp4", "pipe:0"]);
    child.stdin.on("error", () => {}); // it may have read enough
    child.stdin.end(bytes);
    const { packets } = (await json(child.stdout)) as { packets: { pts_time: string; flags: string }[] };
    return packets.map(({ pts_time, flags }) => ({ pts: Number(pts_time), keyframe: flags.startsWith("K") }));
  }
}
