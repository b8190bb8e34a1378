// Live Matroska as MediaRecorder makes it (H.264 without B frames, Opus, a keyframe a second, 100 ms slices), made
// by a real FFmpeg in real time: white flashes and beeps together at each whole second. One owner, `close()`.
import { type ChildProcess, spawn } from "node:child_process";

/** What is made. */
export interface LiveMediaOptions {
  readonly width?: number;
  readonly height?: number;
  readonly frame_rate?: number;
  /** bit/s */
  readonly bitrate?: number;
  readonly audio?: boolean;
  /** Frames come unevenly, as a browser's do: up to 22 ms late. */
  readonly uneven?: boolean;
  /** Takes each slice. */
  readonly onSlice: (slice: Buffer) => void;
}

/** ms */
const SLICE = 100;

/** The arguments of the FFmpeg that plays the browser. */
function args(options: LiveMediaOptions) {
  const { width = 640, height = 360, frame_rate = 30, bitrate = 1_000_000, audio = true, uneven = false } = options;
  const flash = "drawbox=color=white:t=fill:enable='lt(mod(t,1),0.2)'";
  const picture = `testsrc2=size=${width}x${height}:rate=${frame_rate},${flash},format=yuv420p${uneven ? ",settb=1/1000,setpts=PTS+11*mod(N\\,3)" : ""}`;
  const timing = uneven ? ["-fps_mode", "passthrough", "-enc_time_base:v", "1:1000"] : [];
  const sound = "aevalsrc='0.5*sin(2*PI*1000*t)*lt(mod(t,1),0.2)':s=48000";
  const x264 = ["-c:v", "libx264", "-profile:v", "baseline", "-preset", "ultrafast", "-tune", "zerolatency"];
  return [
    ...["-nostdin", "-loglevel", "error", "-re", "-f", "lavfi", "-i", picture],
    ...(audio ? ["-re", "-f", "lavfi", "-i", sound, "-c:a", "libopus"] : []),
    ...[...timing, ...x264, "-g", String(frame_rate), "-b:v", String(bitrate), "-threads", "1"],
    ...["-f", "matroska", "-live", "1", "-cluster_time_limit", "100", "-flush_packets", "1", "pipe:1"],
  ];
}

/** A recorder that runs until it is closed. */
export class LiveMedia {
  readonly #child: ChildProcess;
  readonly #timer: NodeJS.Timeout;
  readonly #ended: Promise<void>;
  #slice: Buffer[] = [];
  /** When the first bytes came, by `performance.now()`: timestamp 0. */
  readonly began: Promise<number>;

  constructor(options: LiveMediaOptions) {
    this.#child = spawn("ffmpeg", args(options), { stdio: ["ignore", "pipe", "inherit"] });
    this.began = new Promise((resolve) => this.#child.stdout?.once("data", () => resolve(performance.now())));
    this.#child.stdout?.on("data", (bytes: Buffer) => this.#slice.push(bytes));
    const flush = (): void => {
      const slice = Buffer.concat(this.#slice);
      this.#slice = [];
      if (slice.length > 0) options.onSlice(slice);
    };
    this.#timer = setInterval(flush, SLICE);
    this.#ended = new Promise((resolve) => {
      this.#child.on("close", () => {
        clearInterval(this.#timer);
        flush();
        resolve();
      });
    });
  }

  /** Ends it; resolves when the last slice was given. */
  close(): Promise<void> {
    this.#child.kill("SIGTERM");
    return this.#ended;
  }
}
