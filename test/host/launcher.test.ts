// The launcher by which a browser starts the host, in environments that are not ours: NODE_OPTIONS, temporary folders without programs.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { writeLauncher, writeLauncherSomewhere } from "../../sdk/native-host-files.ts";
import { run } from "../e2e/harness/run.ts";
import { HostProcess } from "./harness/host-process.ts";
import { childrenOf } from "./harness/processes.ts";

const ROOT = join(import.meta.dirname, "../..");
const COMMAND = [process.execPath, "--import", "tsx", join(ROOT, "native-host/main.ts")] as const;

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-launcher-"));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test("a module that NODE_OPTIONS preloads prints nothing between the messages", async () => {
  const folder = temporary();
  const noisy = join(folder, "noisy.cjs");
  writeFileSync(noisy, 'process.stdout.write("preloaded\\n"); setInterval(() => console.log("still"), 50).unref();');
  const env = { NODE_OPTIONS: `--require ${noisy}` };
  const said = await run(process.execPath, ["-e", "0"], { env });
  expect(said.stdout.toString()).toContain("preloaded");

  const launcher = await writeLauncher({ folder: join(folder, "host"), command: COMMAND });
  const host = new HostProcess({ under: [launcher], env });
  closers.push(() => host.close());
  const { pid } = await host.hello();
  expect(childrenOf(host.pid)).toContain(pid); // the launcher stays in front of it
});

test("where the first folder is mounted noexec it is in the second; where both are, the error says so", async () => {
  const folder = temporary();
  const [disk, usual] = [join(folder, "disk"), join(folder, "usual")];
  for (const each of [disk, usual]) mkdirSync(each);
  const script = join(folder, "write.mts");
  const files = join(ROOT, "sdk/native-host-files.ts");
  writeFileSync(
    script,
    `import { writeLauncherSomewhere } from ${JSON.stringify(files)};
     const folders = process.argv.slice(2);
     const command = [process.execPath, "--version"];
     console.log(await writeLauncherSomewhere(folders, { command }).catch((error) => error.code + ": " + error.message));`,
  );
  const mounted = `mount -t tmpfs -o noexec,size=1m tmpfs '${disk}' && exec "$@"`;
  const write = async (...folders: string[]) => {
    const args = ["-rm", "sh", "-c", mounted, "sh", process.execPath, "--import", "tsx", script, ...folders];
    const { status, stdout, stderr } = await run("unshare", args, { cwd: ROOT });
    expect([status, stderr]).toEqual([0, ""]);
    return stdout.toString().trim();
  };
  const second = await write(join(disk, "a"), join(usual, "a"));
  expect(second).toBe(join(usual, "a", "host"));
  expect((await run(second, [])).stdout.toString().trim()).toBe(process.version);
  expect(await write(join(disk, "b"), join(disk, "c"))).toMatch(/^environment_unusable: .*noexec/);
});

test("where programs can be started it is in the first folder", async () => {
  const folder = join(temporary(), "first");
  expect(dirname(await writeLauncherSomewhere([folder, "/nowhere"], { command: COMMAND }))).toBe(folder);
});
