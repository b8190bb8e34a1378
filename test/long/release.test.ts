// A whole release for Linux, as `npm run package` makes it: checksums, the zip for the stores, the archive by way of the installer,
// the executable for the other architecture under QEMU, and the .deb. Needs root and Debian for the last two.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { probeHost } from "../../cli/doctor/host-probe.ts";
import packageJson from "../../package.json" with { type: "json" };
import { EXTENSION_ID, NATIVE_HOST_NAME } from "../../protocol/version.ts";
import { writeExtensionZip } from "../../scripts/package/extension-zip.ts";
import { hostOf } from "../e2e/harness/chain.ts";
import { emptyMachine } from "../e2e/harness/empty-machine.ts";
import { variant } from "../e2e/harness/hls.ts";
import { type Pages, servePages } from "../e2e/harness/pages.ts";
import { openPerson, type PersonOptions } from "../e2e/harness/person.ts";
import { run } from "../e2e/harness/run.ts";

const ROOT = join(import.meta.dirname, "../..");
const { version } = packageJson;
const folder = mkdtempSync(join(tmpdir(), "flybrowser-release-"));
const release = join(folder, "release");
let pages: Pages;
let downloads: Server;
let address = "";

/** Clicks the button of a person's browser and gives the command line of the host that answers, once there is a playlist. */
async function pressButton(options: PersonOptions): Promise<string> {
  const person = await openPerson(options);
  try {
    await person.page.goto(pages.url("pattern.html"));
    const popup = await person.openPopup();
    const start = await popup.waitForSelector(".button.primary.wide:not(:disabled)");
    const reopened = person.nextPopup();
    await start?.click();
    const field = await (await reopened).waitForSelector(".link input");
    const link = (await field?.evaluate((input) => input.value)) ?? "";
    expect(await variant(link.replace(/player$/, "index.m3u8"))).toContain("RESOLUTION=");
    return hostOf(person.browser.process()?.pid ?? 0)?.command ?? "";
  } finally {
    await person.close();
  }
}

beforeAll(async () => {
  const tsx = join(ROOT, "node_modules/tsx/dist/cli.mjs");
  const args = [tsx, join(ROOT, "scripts/package.ts"), "--out", release, "linux-x64", "linux-arm64"];
  expect(await run(process.execPath, args, { timeout: 600_000 })).toMatchObject({ status: 0 });
  pages = await servePages();
  downloads = createServer((request, response) => {
    const path = join(release, (request.url ?? "").slice(1));
    if (!existsSync(path)) return void response.writeHead(404).end();
    response.end(readFileSync(path));
  });
  await new Promise<void>((resolve) => downloads.listen(0, "127.0.0.1", resolve));
  address = `http://127.0.0.1:${(downloads.address() as AddressInfo).port}`;
}, 610_000);
afterAll(async () => {
  await pages.close();
  downloads.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

test("every file has its checksum, and there is no other file", () => {
  execFileSync("sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"], { cwd: release });
  const listed = readFileSync(join(release, "SHA256SUMS"), "utf8")
    .trim()
    .split("\n")
    .map((line) => line.slice(66));
  expect(
    readdirSync(release)
      .filter((name) => name !== "SHA256SUMS")
      .sort(),
  ).toEqual(listed);
  expect(listed).toContain("sbom.spdx.json");
});

test("the zip for the stores is the same when it is made again", async () => {
  // The executables aren't: V8 doesn't compile the same code into the same bytes.
  const name = `flybrowser-extension-${version}.zip`;
  await writeExtensionZip(join(ROOT, "dist"), join(folder, name));
  expect(readFileSync(join(folder, name)).equals(readFileSync(join(release, name)))).toBe(true);
});

test("the zip for the stores: no key, no permission that isn't explained, nothing that isn't ours to show", () => {
  const files = unzipSync(readFileSync(join(release, `flybrowser-extension-${version}.zip`)));
  const manifest = JSON.parse(Buffer.from(files["manifest.json"] ?? []).toString("utf8"));
  expect(manifest).toMatchObject({ manifest_version: 3, version });
  expect(manifest.key).toBeUndefined();
  for (const size of Object.values(manifest.icons as Record<string, string>)) expect(files[size]).toBeDefined();
  const explained = readFileSync(join(ROOT, "docs/store/permissions.md"), "utf8");
  for (const permission of manifest.permissions) expect(explained).toContain(`| \`${permission}\` |`);
  expect(manifest.permissions).not.toContain("debugger");
  expect(Object.keys(files).filter((name) => /\.map$|\.ts$|licenses\.json/.test(name))).toEqual([]);
  expect(Buffer.from(files["THIRD-PARTY-NOTICES.txt"] ?? []).toString("utf8")).toContain("\nmediabunny ");
});

test("the extension from the store has another id, and finds the host that install allowed it", async () => {
  const machine = emptyMachine(join(folder, "store"));
  const extension = join(folder, "store/extension");
  const files = unzipSync(readFileSync(join(release, `flybrowser-extension-${version}.zip`)));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(join(extension, name, ".."), { recursive: true });
    writeFileSync(join(extension, name), content);
  }
  // Without a key Chrome makes the id of the folder's path: the first 16 bytes of its sum, in letters from a to p.
  const sum = createHash("sha256").update(extension).digest("hex").slice(0, 32);
  const id = [...sum].map((digit) => String.fromCharCode(97 + Number.parseInt(digit, 16))).join("");
  expect(id).not.toBe(EXTENSION_ID);
  const args = [join(ROOT, "dist/cli/flybrowser.js"), "install", "--browser", "chromium", "--extension-id", id];
  expect(await run(process.execPath, args, { env: machine.env })).toMatchObject({ status: 0 });
  const profile = join(machine.home, ".config/chromium");
  await pressButton({ profile, env: machine.env, extension, extension_id: id });
});

describe("install.sh", () => {
  const machine = emptyMachine(join(folder, "machine"));
  const install = (from: string, ...args: string[]) =>
    machine.run("env", `FLYBROWSER_DOWNLOADS=${from}`, "sh", join(release, "install.sh"), ...args);
  const command = join(machine.home, ".local/bin/flybrowser");

  test("a damaged download is refused, and nothing is installed", async () => {
    const bad = join(folder, "bad");
    execFileSync("cp", ["-r", release, bad]);
    appendFileSync(join(bad, `flybrowser-${version}-linux-x64.tar.gz`), "x");
    const { status, stderr } = await install(bad);
    expect([status, stderr]).toEqual([
      1,
      expect.stringMatching(/is damaged: its checksum is [0-9a-f]{64}, not [0-9a-f]{64}/),
    ]);
    expect(existsSync(command)).toBe(false);
  });

  test("an address without a release is said", async () => {
    const { status, stderr } = await install(`${address}/nowhere`);
    expect([status, stderr]).toEqual([1, expect.stringContaining("could not be downloaded")]);
  });

  test("installed, the button streams by the executable, on a machine without Node", async () => {
    mkdirSync(join(machine.home, ".config/chromium"), { recursive: true });
    const { status, stderr } = await install(address);
    expect([status, stderr]).toEqual([0, expect.stringContaining("is not on your PATH")]);
    expect((await machine.run("sh", "-c", "command -v node")).status).not.toBe(0);
    const profile = join(machine.home, ".config/chromium");
    const extension = join(machine.home, "flybrowser-extension");
    const host = await pressButton({ profile, env: { ...machine.env }, extension });
    expect(host).toContain(join(machine.home, ".local/share/flybrowser-stream"));
    expect(host).not.toContain("node");
    expect((await machine.run(command, "uninstall")).status).toBe(0);
    expect(existsSync(join(profile, "NativeMessagingHosts", `${NATIVE_HOST_NAME}.json`))).toBe(false);
  });
});

// Debian's qemu-user-static, libstdc++6-arm64-cross and libatomic1-arm64-cross.
test("the executable for arm64 starts, and its host answers, under QEMU", async () => {
  execFileSync("tar", ["-xzf", join(release, `flybrowser-${version}-linux-arm64.tar.gz`), "-C", folder]);
  const launcher = join(folder, "qemu-host");
  const libraries = "/usr/aarch64-linux-gnu";
  writeFileSync(
    launcher,
    `#!/bin/sh\nexport HOME='${folder}/arm'\nexec qemu-aarch64-static -L ${libraries} '${folder}/flybrowser' "$@"\n`,
    { mode: 0o755 },
  );
  const { status, stdout, stderr } = await run(launcher, ["--version"]);
  expect([status, stdout.toString()], stderr).toEqual([0, `${version}\n`]);
  expect(await probeHost(launcher, { timeout: 60_000 })).toMatchObject({ host_version: version });
}, 120_000);

test("the .deb: installed, the button streams; removed, nothing is left", async () => {
  const deb = join(release, `flybrowser-stream_${version}_amd64.deb`);
  const listed = execFileSync("dpkg-deb", ["--fsys-tarfile", deb], { maxBuffer: 1e9 });
  const files = execFileSync("tar", ["-t"], { input: listed, encoding: "utf8" })
    .split("\n")
    .filter((name) => /[^/]$/.test(name));
  execFileSync("apt-get", ["install", "-y", "-q", "--no-install-recommends", deb], { stdio: "pipe", timeout: 120_000 });
  try {
    const machine = emptyMachine(join(folder, "deb"));
    const host = await pressButton({
      host: null,
      env: machine.env,
      extension: "/usr/share/flybrowser-stream/extension",
    });
    expect(host).toMatch(/^\/usr\/lib\/flybrowser-stream\/flybrowser chrome-extension:/);
    expect((await machine.run("/usr/bin/flybrowser", "--version")).stdout.toString()).toBe(`${version}\n`);
    // Its parts lie beside it: nothing was unpacked.
    expect(existsSync(join(machine.home, ".local/share/flybrowser-stream"))).toBe(false);
  } finally {
    execFileSync("apt-get", ["remove", "-y", "-q", "flybrowser-stream"], { stdio: "pipe", timeout: 120_000 });
  }
  expect(files.length).toBeGreaterThan(20);
  expect(files.filter((name) => existsSync(join("/", name)))).toEqual([]);
}, 300_000);
