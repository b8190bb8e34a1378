// A viewer who can only come by a TURN server, which the user has named. Needs coturn (`turnserver`).
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { FlyBrowser } from "../../sdk/index.ts";
import { isPortOpen } from "../e2e/harness/leftovers.ts";
import { servePages } from "../e2e/harness/pages.ts";
import { until } from "../e2e/harness/until.ts";
import { WhepViewer } from "../e2e/harness/whep-viewer.ts";

const PORT = 3_479;
const SERVER = { urls: `turn:127.0.0.1:${PORT}`, username: "viewer", credential: "pass-word" };

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0).reverse()) await each();
});

test("the picture comes by the TURN server that FLYBROWSER_ICE_SERVERS names", async () => {
  const folder = await mkdtemp(join(tmpdir(), "flybrowser-turn-"));
  cleanUp.push(() => rm(folder, { recursive: true }));
  const account = ["--lt-cred-mech", "--realm", "test", "--user", `${SERVER.username}:${SERVER.credential}`];
  const place = ["-n", "--listening-ip", "127.0.0.1", "--relay-ip", "127.0.0.1", "--listening-port", String(PORT)];
  const files = ["--log-file", "stdout", "--pidfile", join(folder, "pid"), "--userdb", join(folder, "db")];
  const turn = spawn("turnserver", [...place, ...account, ...files, "--allow-loopback-peers", "--no-cli", "--verbose"]);
  let log = "";
  turn.stdout.on("data", (text) => (log += text));
  cleanUp.push(async () => turn.kill() && (await once(turn, "exit")));
  await until("the TURN server", () => isPortOpen(PORT));

  vi.stubEnv("FLYBROWSER_ICE_SERVERS", JSON.stringify([SERVER]));
  const pages = await servePages();
  cleanUp.push(() => pages.close());
  const browser = await FlyBrowser.launch({ viewport: { width: 640, height: 360 } });
  cleanUp.push(() => browser.close());
  await browser.goto(pages.url("pattern.html"));
  const { whep_url } = await browser.startStream({ quality: "ultra_low_latency" });
  const client = await WhepViewer.open(pages.url("form.html"));
  cleanUp.push(() => client.close());

  const { status, index, link } = await client.connect(whep_url ?? "", { relay: SERVER });
  expect(status).toBe(201);
  expect(link).toContain(`<${SERVER.urls}>; rel="ice-server"`);
  await until("pictures", async () => (await client.stats(index)).frames > 30, 30_000);
  expect(log).toMatch(/ALLOCATE processed, success/);
});
