// Viewers on a network without any server between: two hosts, made of network namespaces. Needs root and iproute2.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartStreamResult } from "../../protocol/results.ts";
import { findBrowser } from "../../sdk/find-browser.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays } from "../e2e/harness/viewer.ts";

const COMMAND = join(import.meta.dirname, "../../dist/cli/flybrowser.js");
const HERE = `fb-${process.pid}`;
const THERE = `${HERE}-v`;
const ADDRESS = "10.123.45.1";
const ip = (...args: string[]) => execFileSync("ip", args);
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "flybrowser-network-"));
  for (const name of [HERE, THERE]) {
    ip("netns", "add", name);
    ip("-n", name, "link", "set", "lo", "up");
  }
  ip("link", "add", "veth", "netns", HERE, "type", "veth", "peer", "name", "veth", "netns", THERE);
  ip("-n", HERE, "addr", "add", `${ADDRESS}/24`, "dev", "veth");
  ip("-n", THERE, "addr", "add", "10.123.45.2/24", "dev", "veth");
  for (const name of [HERE, THERE]) ip("-n", name, "link", "set", "veth", "up");
  // A browser on the other host.
  const script = `#!/bin/sh\nexec ip netns exec ${THERE} '${findBrowser(undefined)}' "$@"\n`;
  await writeFile(join(folder, "browser"), script);
  await chmod(join(folder, "browser"), 0o700);
});
afterAll(async () => {
  for (const name of [HERE, THERE]) ip("netns", "del", name);
  await rm(folder, { recursive: true });
});

/** What one host answers to the other. */
function statusFromThere(path: string): string {
  const args = ["netns", "exec", THERE, "curl", "-s", "-o", "/dev/null", "-w", "%{http_code}", "--max-time", "10"];
  return ip(...args, `http://${ADDRESS}${path}`).toString();
}

test.each(["ultra_low_latency", "medium"] as const)("%s, watched from another host", async (quality) => {
  const args = [COMMAND, "stream", "--quality", quality, "--view-address", "0.0.0.0", "--json"];
  const command = spawn("ip", ["netns", "exec", HERE, process.execPath, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface(command.stdout), "line")) as [string];
    const started = JSON.parse(line) as StartStreamResult;
    const port = started.local_server_port;
    expect(started.player_url).toContain(`http://${ADDRESS}:${port}/s/`);
    const viewer = await openViewer(started.player_url, join(folder, "browser"));
    try {
      await untilPlays(viewer, 90);
      const way = await viewer.page.$eval("[data-way]", (root) => root.getAttribute("data-way"));
      expect(way).toBe(quality === "medium" ? "ll-hls" : "webrtc");
      await viewer.page.keyboard.press("i");
      const figures = () => viewer.page.$eval(".figures", (list) => list.textContent ?? "");
      const latency = await until("a latency", async () => /Latency([\d.]+ m?s)/.exec(await figures())?.[1]);
      process.stdout.write(`${way}, from another host: ${latency} behind\n`);
    } finally {
      await viewer.close();
    }
    expect(statusFromThere(`:${port}${new URL(started.player_url).pathname}`)).toBe("200");
    expect(statusFromThere(`:${port}/api/streams`)).toBe("404");
    expect(statusFromThere(`:${port}/healthz`)).toBe("404");
  } finally {
    command.kill("SIGINT");
    await once(command, "exit");
  }
});
