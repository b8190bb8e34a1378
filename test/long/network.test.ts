// Viewers on a network without any server between: two hosts, made of network namespaces. Needs root and iproute2.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { StartStreamResult } from "../../protocol/results.ts";
import { findBrowser } from "../../sdk/find-browser.ts";
import { descendants } from "../e2e/harness/leftovers.ts";
import { until } from "../e2e/harness/until.ts";
import { openViewer, untilPlays, type Viewer } from "../e2e/harness/viewer.ts";

const COMMAND = join(import.meta.dirname, "../../dist/cli/flybrowser.js");
const HERE = `fb-${process.pid}`;
const THERE = `${HERE}-v`;
const ADDRESS = "10.123.45.1";
const ip = (...args: string[]) => execFileSync("ip", args);
/** ms */
const TROUBLE = 10_000;
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

/** Ten seconds without a network. */
async function lostNetwork(): Promise<void> {
  ip("-n", THERE, "link", "set", "veth", "down");
  await sleep(TROUBLE);
  ip("-n", THERE, "link", "set", "veth", "up");
}

/** Twenty seconds in which nothing of the viewer's machine runs. */
async function sleepingMachine(viewer: Viewer): Promise<void> {
  const browser = viewer.page.browser().process()?.pid ?? 0;
  const all = [browser, ...descendants(browser).map(({ pid }) => pid)];
  for (const pid of all) process.kill(pid, "SIGSTOP");
  await sleep(2 * TROUBLE);
  for (const pid of all.toReversed()) process.kill(pid, "SIGCONT");
}

test.each([
  ["ultra_low_latency", "webrtc"],
  ["medium", "ll-hls"],
  ["medium", "live"],
] as const)("%s, watched from another host by %s", async (quality, protocol) => {
  const args = [COMMAND, "stream", "--quality", quality, "--view-address", "0.0.0.0", "--json"];
  const command = spawn("ip", ["netns", "exec", HERE, process.execPath, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = (await once(createInterface(command.stdout), "line")) as [string];
    const started = JSON.parse(line) as StartStreamResult;
    const port = started.local_server_port;
    expect(started.player_url).toContain(`http://${ADDRESS}:${port}/s/`);
    const chosen = protocol === "live" ? "?protocol=live" : "";
    const viewer = await openViewer(started.player_url + chosen, join(folder, "browser"));
    try {
      await untilPlays(viewer, 90);
      const way = await viewer.page.$eval("[data-protocol]", (root) => root.getAttribute("data-protocol"));
      expect(way).toBe(protocol);
      await viewer.page.keyboard.press("i");
      const stats = () => viewer.page.$eval(".stats", (list) => list.textContent ?? "");
      const latency = await until("a latency", async () => /Latency([\d.]+ m?s)/.exec(await stats())?.[1]);
      process.stdout.write(`${way}, from another host: ${latency} behind\n`);
      await viewer.page.evaluate("window.opened = true");
      for (const trouble of [lostNetwork, sleepingMachine]) {
        await trouble(viewer);
        await untilPlays(viewer, 60, 60_000);
        await until("it to say Live", async () => (await viewer.word()) === "Live", 30_000);
        expect(await viewer.page.evaluate("window.opened")).toBe(true); // without a reload
        expect(await viewer.page.$eval("[data-protocol]", (root) => root.getAttribute("data-protocol"))).toBe(way);
      }
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
