// Checks what is on this machine: Node, FFmpeg, browsers, the builds.
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { delimiter, join } from "node:path";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { System } from "../../protocol/node/data-directory.ts";
import { EN } from "../../protocol/sentences/en.ts";
import { findBrowsers } from "../../sdk/find-browser.ts";
import { builtPath } from "../../sdk/installation.ts";
import { BROWSERS, browsersInUse } from "../browser-paths.ts";
import { type Finding, missing, note, ok } from "./finding.ts";

/** Oldest supported versions, major and minor. */
const OLDEST_NODE = [20, 19] as const;
const OLDEST_FFMPEG = [4, 4] as const;

function atLeast(version: readonly [number, number], oldest: readonly [number, number]): boolean {
  return version[0] > oldest[0] || (version[0] === oldest[0] && version[1] >= oldest[1]);
}

/** The version of Node. */
export function nodeFinding(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (atLeast([major, minor], OLDEST_NODE)) return ok("Node", `${version} (${process.execPath})`);
  return missing("Node", `${version} is too old`, `Install Node ${OLDEST_NODE.join(".")} or newer.`);
}

/** Where the host looks for FFmpeg, in that order. */
function ffmpegCandidates(env: System["env"]): string[] {
  if (env.FLYBROWSER_FFMPEG) return [env.FLYBROWSER_FFMPEG];
  const file = process.platform === "win32" ? "ffmpeg.exe" : "ffmpeg";
  const onPath = (env.PATH ?? "").split(delimiter).map((folder) => join(folder, file));
  return [...onPath.filter((path) => existsSync(path)).slice(0, 1), ...ffmpegStatic()];
}

function ffmpegStatic(): string[] {
  try {
    const path = createRequire(import.meta.url)("ffmpeg-static") as string | null;
    return path !== null && existsSync(path) ? [path] : [];
  } catch {
    return []; // an optional dependency
  }
}

/** Path and version of FFmpeg. */
export function ffmpegFinding(system: System): Finding {
  let reason = "not found on the PATH";
  for (const path of ffmpegCandidates(system.env)) {
    try {
      const output = execFileSync(path, ["-version"], { encoding: "utf8", timeout: 10_000, stdio: "pipe" });
      const version = /^ffmpeg version (\S+)/m.exec(output)?.[1] ?? "?";
      const [, major, minor] = /^n?(\d+)\.(\d+)/.exec(version) ?? [];
      // A build from git has no version number, and is new.
      if (major === undefined || atLeast([Number(major), Number(minor)], OLDEST_FFMPEG)) {
        return ok("FFmpeg", `${version} (${path})`);
      }
      reason = `${path} is version ${version}, which is too old`;
    } catch {
      reason = `${path} does not run`;
    }
  }
  return missing("FFmpeg", reason, EN["ffmpeg_not_found.fix"]);
}

/** Browsers that the command and the SDK can launch, and those that the user has. */
export function browserFindings(system: System): Finding[] {
  const given = system.env.FLYBROWSER_CHROMIUM;
  const startable = [...new Set([...(given ? [given] : []), ...findBrowsers()])].filter((path) => existsSync(path));
  const inUse = browsersInUse(system).map((name) => BROWSERS[name].title);
  const fix = EN["browser_not_found.fix"];
  return [
    startable.length > 0
      ? ok("Chromium for `flybrowser stream`", startable.join(", "))
      : missing("Chromium for `flybrowser stream`", "not found", fix),
    note("Your browsers", inUse.length > 0 ? inUse.join(", ") : "none found"),
  ];
}

/** The builds under dist/. */
export function buildFindings(): Finding[] {
  return (["extension", "native-host"] as const).map((part) => {
    const name = `Build of ${part}`;
    try {
      return ok(name, builtPath(part));
    } catch (error) {
      if (error instanceof FlyBrowserError) return missing(name, error.message, error.fix);
      throw error;
    }
  });
}
