// The tunnel programs that may be installed: how each is started, and what the lines that it writes mean.
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import * as v from "valibot";

/** What a line of a program says. */
export interface TunnelLine {
  /** The address under which it makes the port known. */
  readonly url?: string;
  /** That address works from now on. */
  readonly ready?: true;
  /** What is wrong. */
  readonly error?: string;
  /** It can't go on, though it doesn't end by itself. */
  readonly fatal?: true;
}

/** A program that makes a port of this computer known on the internet for as long as it runs. */
export interface TunnelProgram {
  readonly name: string;
  readonly args: (port: number) => readonly string[];
  readonly read: (line: string) => TunnelLine;
}

/** Cloudflare's quick tunnels: a new name each time, no account (developers.cloudflare.com, Quick Tunnels). */
const CLOUDFLARED: TunnelProgram = {
  name: "cloudflared",
  args: (port) => ["tunnel", "--no-autoupdate", "--url", `http://127.0.0.1:${port}`],
  read(line) {
    const url = /https:\/\/(?!api\.)[a-z0-9-]+\.trycloudflare\.com(?![\w.])/.exec(line)?.[0];
    if (url !== undefined) return { url };
    if (line.includes("Registered tunnel connection")) return { ready: true };
    const error = /\bERR (.*)$/.exec(line)?.[1];
    return error === undefined ? {} : { error };
  },
};

/** Tailscale's Funnel, in the foreground: it is off again when the program ends (tailscale.com, `tailscale funnel`). */
const TAILSCALE: TunnelProgram = {
  name: "tailscale",
  args: (port) => ["funnel", String(port)],
  read(line) {
    const url = /https:\/\/[a-z0-9-]+(?:\.[a-z0-9-]+)+\.ts\.net(?::\d+)?(?![\w.])/.exec(line)?.[0];
    if (url !== undefined) return { url, ready: true };
    // It then waits for somebody to switch it on.
    if (/https:\/\/login\.tailscale\.com\//.test(line)) return { error: line.trim(), fatal: true };
    return /error|denied|not enabled|failed|not running/i.test(line) ? { error: line.trim() } : {};
  },
};

const NgrokLineSchema = v.object({
  lvl: v.optional(v.string()),
  msg: v.optional(v.string()),
  url: v.optional(v.string()),
  err: v.optional(v.string()),
});

/** ngrok's agent (ngrok.com, `ngrok http`); its log is JSON lines here. */
const NGROK: TunnelProgram = {
  name: "ngrok",
  args: (port) => ["http", `http://127.0.0.1:${port}`, "--log", "stdout", "--log-format", "json"],
  read(line) {
    let said: unknown = null;
    try {
      said = JSON.parse(line);
    } catch {
      return /^ERROR:\s*\S/.test(line) ? { error: line.replace(/^ERROR:\s*/, "").trim() } : {};
    }
    if (!v.is(NgrokLineSchema, said)) return {};
    if (said.msg === "started tunnel" && said.url?.startsWith("https://")) return { url: said.url, ready: true };
    const failed = said.lvl === "eror" || said.lvl === "crit";
    return failed && said.err && said.err !== "<nil>" ? { error: said.err } : {};
  },
};

/** All of them, the one that needs no account first. */
export const TUNNEL_PROGRAMS: readonly TunnelProgram[] = [CLOUDFLARED, TAILSCALE, NGROK];

/** A program that is there. */
export interface InstalledTunnel {
  readonly program: TunnelProgram;
  readonly path: string;
}

/** Where programs may be that a browser's PATH doesn't name. */
const MORE_FOLDERS: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  darwin: ["/opt/homebrew/bin", "/usr/local/bin", "/Applications/Tailscale.app/Contents/MacOS"],
  linux: ["/usr/local/bin", "/snap/bin"],
};

/** Those that are installed, in the order in which they are tried. */
export function installedTunnels(environment: NodeJS.ProcessEnv): InstalledTunnel[] {
  const folders = [...(environment.PATH ?? "").split(delimiter), ...(MORE_FOLDERS[process.platform] ?? [])];
  const ending = process.platform === "win32" ? ".exe" : "";
  return TUNNEL_PROGRAMS.flatMap((program) => {
    const paths = folders.filter((folder) => folder !== "").map((folder) => join(folder, program.name + ending));
    const path = paths.find(isExecutable);
    return path === undefined ? [] : [{ program, path }];
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
