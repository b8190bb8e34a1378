// Players that are programs of their own: each gets an address, and plays on a stage.
import { spawn } from "node:child_process";
import type { Readable } from "node:stream";
import { run } from "../../test/e2e/harness/run.ts";
import type { Client, Watcher } from "./client.ts";
import { CELLS, endProcess, type Heard, listen, type Seen, SOUND_FORMAT, Stage, watchCells } from "./stage.ts";

/** A program. */
interface Program {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** Prints the version. */
  readonly asks: readonly [string, ...string[]];
  /** Stands before the address, without a space. */
  readonly before?: string;
  /** Follows the address. */
  readonly behind?: readonly string[];
  /** Refuses to run as root. */
  readonly not_root?: boolean;
}

/** ximagesink's window is as large as the picture. */
const FIXED_SIZE = "videoconvert ! videoscale ! video/x-raw,width=640,height=360,pixel-aspect-ratio=1/1";

const PLAYERS: readonly Program[] = [
  { name: "ffplay", command: ["ffplay", "-v", "warning", "-fs", "-autoexit"], asks: ["ffplay", "-version"] },
  {
    name: "mpv",
    command: ["mpv", "--no-config", "--fs", "--vo=x11", "--ao=pulse", "--osd-level=0", "--no-osc", "--no-terminal"],
    asks: ["mpv", "--version"],
  },
  {
    name: "VLC",
    command: ["cvlc", "-q", "--fullscreen", "--no-video-title-show", "--play-and-exit"],
    asks: ["vlc", "--version"],
    behind: ["vlc://quit"],
    not_root: true,
  },
  {
    name: "GStreamer",
    command: ["gst-launch-1.0", "-q", "playbin", `video-sink=${FIXED_SIZE} ! ximagesink`, "audio-sink=pulsesink"],
    before: "uri=",
    asks: ["gst-launch-1.0", "--version"],
  },
];

const NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] as const;
const ways = ["HLS", "DASH"] as const;
const asRoot = process.getuid?.() === 0;

async function versionOf({ asks: [program, ...args], not_root }: Pick<Program, "asks" | "not_root">) {
  const [command = "", ...rest] = not_root && asRoot ? [...NOBODY, program, ...args] : [program, ...args];
  const said = await run(command, rest, { timeout: 20_000 }).catch(() => null);
  return said?.stdout.toString().match(/\d+\.\d+\.\d+/)?.[0] ?? null;
}

async function watchWith(program: Program, address: string): Promise<Watcher> {
  const stage = await Stage.open();
  const user = program.not_root && asRoot ? NOBODY : [];
  const whole = [...user, ...program.command, `${program.before ?? ""}${address}`, ...(program.behind ?? [])];
  const [command = "", ...args] = whole;
  const began = performance.now();
  const child = spawn(command, args, { stdio: "ignore", env: { ...process.env, ...stage.env } });
  child.on("error", () => {});
  return {
    began,
    seen: stage.seen,
    heard: stage.heard,
    ended: async () => child.exitCode !== null || child.signalCode !== null,
    async close() {
      await endProcess(child);
      await stage.close();
    },
  };
}

/** FFmpeg itself: what it decodes is read as it comes. */
async function decode(address: string): Promise<Watcher> {
  const video = ["-map", "0:v:0", "-fps_mode", "passthrough", ...CELLS, "pipe:1"];
  const args = ["-v", "error", "-nostats", "-i", address, ...video, "-map", "0:a:0", ...SOUND_FORMAT, "pipe:3"];
  const began = performance.now();
  const child = spawn("ffmpeg", args, { stdio: ["ignore", "pipe", "ignore", "pipe"] });
  child.on("error", () => {});
  const seen: Seen[] = [];
  const heard: Heard[] = [];
  watchCells(child.stdout as Readable, seen);
  listen(child.stdio[3] as Readable, heard);
  return {
    ...{ began, seen, heard },
    ended: async () => child.exitCode !== null || child.signalCode !== null,
    close: () => endProcess(child),
  };
}

/** Each program by each of its ways. */
export const PROGRAMS: readonly Client[] = [
  ...ways.map((way) => ({
    ...{ name: "FFmpeg", way },
    version: () => versionOf({ asks: ["ffmpeg", "-version"] }),
    watch: ({ hls_url, dash_url }: { hls_url: string; dash_url: string }) => decode(way === "HLS" ? hls_url : dash_url),
  })),
  ...PLAYERS.flatMap((program) =>
    ways.map((way) => ({
      ...{ name: program.name, way },
      version: () => versionOf(program),
      watch: ({ hls_url, dash_url }: { hls_url: string; dash_url: string }) =>
        watchWith(program, way === "HLS" ? hls_url : dash_url),
    })),
  ),
];
