// Tunnel programs: what their lines mean, their address waited for, and their end; with programs that speak as they do.
import { spawn } from "node:child_process";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { Tunnel } from "../../../../native-host/sharing/tunnel.ts";
import { GUARD_ARGUMENT } from "../../../../native-host/sharing/tunnel-guard.ts";
import { installedTunnels } from "../../../../native-host/sharing/tunnel-programs.ts";
import { isProcessAlive } from "../../../../protocol/node/control-files.ts";
import { type InstalledPrograms, installTunnels } from "../../../fixtures/tunnel/install.ts";
import { until } from "../../../host/harness/processes.ts";

const GUARD = join(import.meta.dirname, "../../../fixtures/tunnel/guard.ts");
let installed: InstalledPrograms | null = null;
const pids: number[] = [];

afterEach(async () => {
  installed?.remove();
  installed = null;
  await until("no program is left", () => pids.every((pid) => !isProcessAlive(pid)));
  pids.length = 0;
});

/** As `spawnGuarded` does it from within the host. */
function spawnGuarded(env: Record<string, string>) {
  return (path: string, args: readonly string[]) => {
    const child = spawn(process.execPath, ["--import", "tsx", GUARD, GUARD_ARGUMENT, path, ...args], {
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      env: { ...process.env, ...env },
    });
    child.on("message", (message) => pids.push((message as { pid: number }).pid));
    return child;
  };
}

function open(name: string, mode: string, within = 10_000): Promise<Tunnel> {
  installed = installTunnels([name], mode);
  const { env } = installed;
  const [found] = installedTunnels({ PATH: env.PATH });
  if (!found) throw new Error("it is not found");
  return Tunnel.open({ installed: found, port: 4100, within, spawn: spawnGuarded(env) });
}

describe.each([
  [
    "cloudflared",
    /^https:\/\/quiet-words-of-test\.trycloudflare\.com$/,
    /cloudflared: it ended \(1\): Error requesting new quick/,
  ],
  [
    "tailscale",
    /^https:\/\/machine\.tail0123\.ts\.net$/,
    /tailscale: https:\/\/login\.tailscale\.com\/f\/funnel\?node=abc/,
  ],
  ["ngrok", /^https:\/\/127\.0\.0\.3:\d+$/, /ngrok: it ended \(1\): authentication failed/],
])("%s", (name, address, refusal) => {
  test("gives its address, and ends when it is no longer needed", async () => {
    const tunnel = await open(name, "works");
    expect([tunnel.program, tunnel.url]).toEqual([name, expect.stringMatching(address)]);
    let lost = false;
    tunnel.onLost(() => {
      lost = true;
    });
    expect(pids.map(isProcessAlive)).toEqual([true]);
    await tunnel.close();
    await tunnel.close();
    expect(lost).toBe(false);
  });

  test("that refuses says why", async () => {
    await expect(open(name, "refuses")).rejects.toMatchObject({
      code: "share_unavailable",
      message: expect.stringMatching(refusal),
      fix: `Run ${name} by hand to see what is wrong, then try again.`,
    });
  });

  test("that says nothing is given up", async () => {
    await expect(open(name, "silent", 1_500)).rejects.toThrow(`${name}: it gave no address within 1.5 s.`);
  });
});

test("one that ends by itself is lost", async () => {
  const tunnel = await open("tailscale", "works");
  const lost = new Promise<void>((resolve) => tunnel.onLost(resolve));
  process.kill(pids[0] as number, "SIGKILL");
  await lost;
});

test("one whose guard is killed ends all the same", async () => {
  installed = installTunnels(["tailscale"]);
  const [found] = installedTunnels({ PATH: installed.env.PATH });
  if (!found) throw new Error("it is not found");
  const guarded = spawnGuarded(installed.env);
  let guard = 0;
  const tunnel = await Tunnel.open({
    ...{ installed: found, port: 4100, within: 10_000 },
    spawn: (path, args) => {
      const child = guarded(path, args);
      guard = child.pid as number;
      return child;
    },
  });
  const lost = new Promise<void>((resolve) => tunnel.onLost(resolve));
  process.kill(guard, "SIGKILL");
  await lost;
});

test("none is found where none is", () => {
  expect(installedTunnels({ PATH: "/nonexistent" }).map(({ program }) => program.name)).toEqual([]);
});
