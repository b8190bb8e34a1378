// Checks what is on this machine: Node, FFmpeg, browsers, the builds.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { FlyBrowserError } from "../../protocol/errors.ts";
import type { System } from "../../protocol/node/data-directory.ts";
import { isExecutable } from "../../protocol/node/executable.ts";
import { EN } from "../../protocol/sentences/en.ts";
import { findBrowsers, isSnap } from "../../sdk/find-browser.ts";
import { builtPath, hostCommand } from "../../sdk/installation.ts";
import { browsersInUse } from "../browser-paths.ts";
import { findFfmpeg } from "../ffmpeg/find.ts";
import { atLeast, OLDEST_NODE } from "../oldest.ts";
import { type Finding, missing, note, ok } from "./finding.ts";

/** The version of Node. */
export function nodeFinding(version: string = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (atLeast([major, minor], OLDEST_NODE)) return ok("Node", `${version} (${process.execPath})`);
  return missing("Node", `${version} is too old`, `Install Node ${OLDEST_NODE.join(".")} or newer.`);
}

/** Path and version of FFmpeg. */
export function ffmpegFinding(system: System): Finding {
  const found = findFfmpeg(system);
  if (typeof found === "string") return missing("FFmpeg", found, EN["ffmpeg_not_found.fix"]);
  return ok("FFmpeg", `${found.version} (${found.path})`);
}

/** Browsers that the command and the SDK can launch, and those that the user has. */
export function browserFindings(system: System): Finding[] {
  const given = system.env.FLYBROWSER_CHROMIUM;
  const startable = [...new Set([...(given ? [given] : []), ...findBrowsers()])].filter((path) => existsSync(path));
  const inUse = browsersInUse(system, { isSnap }).map(({ title }) => title);
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
  const parts = { extension: () => builtPath("extension"), "native-host": () => hostCommand().join(" ") };
  return Object.entries(parts).map(([part, find]) => {
    const name = `Build of ${part}`;
    try {
      return ok(name, find());
    } catch (error) {
      if (error instanceof FlyBrowserError) return missing(name, error.message, error.fix);
      throw error;
    }
  });
}

/** Whether viewers by WebRTC share one encoder: tried from where the host would load the library. */
export function relayFinding(load: () => unknown = loadRelay, executable = isExecutable()): Finding {
  const name = "WebRTC viewers";
  if (executable) {
    const fix = "Install the npm package, with node-datachannel, where many are to watch by WebRTC.";
    return note(name, "have an encoder each, 4 at a time: the single executable can't load node-datachannel", fix);
  }
  try {
    load();
    return ok(name, "share one encoder (node-datachannel), 64 at a time");
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split("\n");
    const fix = "Run `npm install node-datachannel` where FlyBrowser Stream is installed.";
    return note(name, `have an encoder each, 4 at a time: ${reason}`, fix);
  }
}

function loadRelay(): unknown {
  return createRequire(builtPath("native-host"))("node-datachannel");
}
