// A machine that isn't as it should be: temporary files where no program may be started, a home that can't be written to, a module that
// NODE_OPTIONS preloads and that prints. The browser starts, streams and records, in a mount namespace of its own.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { run } from "../e2e/harness/run.ts";

const ROOT = join(import.meta.dirname, "../..");

test("a stream and a recording with noexec, no home and a preload that prints", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-odd-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [disk, out] = [join(folder, "disk"), join(folder, "out")];
  for (const each of [disk, out]) mkdirSync(each);
  const noisy = join(folder, "noisy.cjs");
  writeFileSync(noisy, 'process.stdout.write("preloaded\\n");');
  const notAFolder = join(folder, "home");
  writeFileSync(notAFolder, "");
  const script = join(folder, "stream.mts");
  writeFileSync(
    script,
    `import { FlyBrowser } from ${JSON.stringify(join(ROOT, "sdk/index.ts"))};
     const browser = await FlyBrowser.launch();
     const stream = await browser.startStream({ quality: "low_bandwidth" });
     await browser.startRecording({ path: ${JSON.stringify(join(out, "seen.mp4"))} });
     const answer = await fetch(stream.hls_url);
     const { size_bytes } = await browser.stopRecording();
     await browser.close();
     console.log(JSON.stringify({ status: answer.status, size_bytes }));`,
  );
  const mounted = `mount -t tmpfs -o noexec,size=400m tmpfs '${disk}' && exec "$@"`;
  const args = ["-rm", "sh", "-c", mounted, "sh", process.execPath, "--import", "tsx", script];
  const state = join(folder, "state"); // beside the home that there isn't
  const env = { TMPDIR: disk, HOME: notAFolder, XDG_STATE_HOME: state, NODE_OPTIONS: `--require ${noisy}` };
  const { status, stdout, stderr } = await run("unshare", args, { cwd: ROOT, env });
  expect([status, stderr]).toEqual([0, expect.any(String)]);
  const said = JSON.parse(stdout.toString().trim().split("\n").at(-1) ?? "") as { status: number; size_bytes: number };
  expect(said).toEqual({ status: 200, size_bytes: expect.any(Number) });
  expect(said.size_bytes).toBeGreaterThan(1000);
});

test("without any place from which a program can be started it is refused at once", async () => {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-odd-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const script = join(folder, "start.mts");
  writeFileSync(
    script,
    `import { FlyBrowser } from ${JSON.stringify(join(ROOT, "sdk/index.ts"))};
     const began = Date.now();
     console.log(await FlyBrowser.launchOptions().then(() => "started", (error) => error.code + " " + error.message));
     console.log(Date.now() - began < 5000);`,
  );
  const disk = join(folder, "disk");
  mkdirSync(disk);
  const mounted = `mount -t tmpfs -o noexec,size=100m tmpfs '${disk}' && exec "$@"`;
  const args = ["-rm", "sh", "-c", mounted, "sh", process.execPath, "--import", "tsx", script];
  const env = { TMPDIR: disk, FLYBROWSER_STATE_DIR: join(disk, "state") };
  const { stdout } = await run("unshare", args, { cwd: ROOT, env });
  expect(stdout.toString()).toMatch(/^environment_unusable .*noexec.*\ntrue\n$/);
});
