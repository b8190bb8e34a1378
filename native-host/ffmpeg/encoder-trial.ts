// Tries one encoder on a few frames, with exactly the arguments of a live stream, and decodes what came out.
import { type ChildProcess, spawn } from "node:child_process";
import { say, sentence, type Words } from "../../protocol/sentence.ts";
import { LineTail } from "./death.ts";
import { encodeArguments } from "./encoder-arguments.ts";
import type { EncoderDefinition, EncodeTarget } from "./encoder-target.ts";

/** ms for encoding and decoding each. */
export const TRIAL_TIMEOUT = 5_000;
const FRAMES = 15;
/** Small, yet larger than the least size of every chip. The rate is tight, so that rate control has work to do. */
export const TRIAL_TARGET: EncodeTarget = {
  width: 640,
  height: 360,
  frame_rate: 30,
  keyframe_interval: 1000,
  video_bitrate: 1_000_000,
  cores: 1,
  matrix: "bt709",
  detail_divisor: 1,
};
const MAX_BYTES = 16 * 1024 * 1024;

/** How a trial ended. */
export interface TrialResult {
  readonly works: boolean;
  /** What it made, or why it failed. */
  readonly reason: Words;
  /** It failed for a reason that may pass: somebody else ended it, or this machine was busy. Left out: it would again. */
  readonly may_pass?: boolean;
}

class TrialFailure extends Error {
  readonly reason: Words;
  readonly may_pass: boolean;
  constructor(reason: Words, may_pass: boolean) {
    super(say(reason));
    this.reason = reason;
    this.may_pass = may_pass;
  }
}

/** Runs FFmpeg with a time limit. Rejects with a few words for people. */
function run(path: string, args: readonly string[], input: Buffer | null, timeout: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child: ChildProcess = spawn(path, args, { stdio: ["pipe", "pipe", "pipe"], windowsHide: true });
    const output: Buffer[] = [];
    let bytes = 0;
    const stderr = new LineTail();
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill("SIGKILL");
    }, timeout);
    child.stdout?.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > MAX_BYTES) child.kill("SIGKILL");
      else output.push(chunk);
    });
    child.stderr?.setEncoding("utf8").on("data", (text: string) => stderr.push(text));
    child.stdin?.on("error", () => {}); // it ended early; its status tells why
    child.stdin?.end(input ?? undefined);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(new TrialFailure(sentence("encoder.not_started", { error: error.message }), true));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      stderr.end();
      if (code === 0) return resolve(Buffer.concat(output));
      const said =
        stderr.lines.find((line) => /\[.*(enc|x26|vpx|vaapi|qsv|amf|toolbox|AVHW)/i.test(line)) ?? stderr.lines.at(-1);
      const how = signal ? sentence("ffmpeg.killed", { signal }) : sentence("ffmpeg.exited", { status: code });
      const reason = late ? sentence("encoder.slow", { seconds: timeout / 1000 }) : (said?.slice(0, 300) ?? how);
      // An encoder that crashes does so each time; what ends a program from outside are these.
      reject(new TrialFailure(reason, late || signal === "SIGKILL" || signal === "SIGTERM"));
    });
  });
}

/** Tries an encoder on half a second of a test picture. Never rejects. */
export async function tryEncoder(
  path: string,
  encoder: EncoderDefinition,
  fps_mode: boolean,
  timeout: number = TRIAL_TIMEOUT,
): Promise<TrialResult> {
  const { width, height } = TRIAL_TARGET;
  const { before_input, output } = encodeArguments(encoder, TRIAL_TARGET, fps_mode);
  const quiet = ["-hide_banner", "-nostats", "-loglevel", "error"];
  const source = ["-f", "lavfi", "-i", `testsrc2=size=${width}x${height}:rate=30`, "-frames:v", String(FRAMES)];
  const mp4 = ["-movflags", "empty_moov+default_base_moof+frag_keyframe", "-f", "mp4", "pipe:1"];
  const began = Date.now();
  try {
    const media = await run(path, [...quiet, ...before_input, ...source, ...output, ...mp4], null, timeout);
    const took = Date.now() - began;
    const decode = [
      ...quiet,
      "-f",
      "mp4",
      "-i",
      "pipe:0",
      "-pix_fmt",
      "gray",
      "-f",
      "rawvideo",
      "-fps_mode",
      "passthrough",
    ];
    if (!fps_mode) decode.splice(-2, 2, "-vsync", "passthrough");
    const picture = await run(path, [...decode, "pipe:1"], media, timeout);
    const frames = picture.length / (width * height);
    // an encoder may hold its last frames back or drop some, but not most of them
    if (!Number.isInteger(frames) || frames < FRAMES / 2) {
      return {
        works: false,
        reason: sentence("encoder.lost_frames", { sent: FRAMES, size: `${width}x${height}`, bytes: picture.length }),
      };
    }
    return { works: true, reason: sentence("encoder.works", { frames, size: `${width}x${height}`, ms: took }) };
  } catch (thrown) {
    if (!(thrown instanceof TrialFailure)) return { works: false, reason: String(thrown) };
    const { reason, may_pass } = thrown;
    return { works: false, reason, ...(may_pass ? { may_pass } : {}) };
  }
}
