// The processes behind one browser: its host, and the host's FFmpegs. Never ends one.
import { descendants, type Process, stillRunning } from "./leftovers.ts";

/** The host's main.js, or the executable as its host. */
const HOST = /native-host\/main\.js|\/flybrowser chrome-extension:/;

/** What stands between a browser and a host that has lost its first connection to it. */
const BRIDGE = /^flybrowser-bridge (\d+)/;

/** The host that a browser has started; null: none runs. */
export function hostOf(browser: number): Process | null {
  const below = descendants(browser);
  const [bridged] = below.flatMap(({ command }) => BRIDGE.exec(command)?.[1] ?? []);
  if (bridged !== undefined) return stillRunning([Number(bridged)])[0] ?? null;
  return below.find(({ command }) => HOST.test(command) && !command.startsWith("/bin/sh")) ?? null;
}

/** The FFmpegs that take in the captures of this browser; those of the ladder and of destinations read what they make. */
export function ffmpegsOf(browser: number): Process[] {
  const host = hostOf(browser);
  return host ? descendants(host.pid).filter(({ command }) => command.includes("-f matroska -i pipe:0")) : [];
}

/** What must be gone once a stream has ended. @throws Error when it isn't there now. */
export function chainOf(browser: number): { host: number; ffmpeg: number } {
  const host = hostOf(browser);
  const [ffmpeg] = ffmpegsOf(browser);
  if (!host || !ffmpeg) throw new Error(`browser ${browser} has ${host ? "no FFmpeg" : "no host"}`);
  return { host: host.pid, ffmpeg: ffmpeg.pid };
}
