import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { deserializeError } from "../../../protocol/errors.ts";
import { EXTENSION_ID, STORE_EXTENSION_IDS } from "../../../protocol/version.ts";
import { hostManifest, launcherText, writeLauncher } from "../../../sdk/native-host-files.ts";

test("the launcher passes paths and variables on, whatever is in them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "it's a $HOME "));
  try {
    const main = join(folder, "main.mjs");
    const shown = "[process.env.FLY_TEST, process.env.PATH, ...process.argv.slice(2)]";
    writeFileSync(main, `console.log(JSON.stringify(${shown}))`);
    const command = [process.execPath, main] as const;
    const launcher = await writeLauncher({ folder, command, env: { FLY_TEST: "a 'b' \"c\" $PATH" }, path: [folder] });
    const env = { PATH: "/usr/bin" };
    const said = execFileSync(launcher, ["chrome-extension://x/"], { encoding: "utf8", env });
    expect(JSON.parse(said)).toEqual(["a 'b' \"c\" $PATH", `/usr/bin:${folder}`, "chrome-extension://x/"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a batch file keeps percent signs", () => {
  const text = launcherText(
    { folder: "C:\\x", command: ["C:\\node.exe", "C:\\100%\\main.js"], path: ["C:\\f"] },
    "win32",
  );
  expect(text).toContain('"C:\\node.exe" "C:\\100%%\\main.js" %*');
  expect(text).toContain('set "PATH=%PATH%;C:\\f"');
});

test("where Node has gone, the launcher says so in the host's place, in its framing", () => {
  const folder = mkdtempSync(join(tmpdir(), "launcher-"));
  try {
    const path = join(folder, "host");
    writeFileSync(path, launcherText({ folder, command: [join(folder, "gone/node"), "main.js"] }), { mode: 0o755 });
    const { stdout, status } = spawnSync(path, ["chrome-extension://x/"], { input: "" });
    expect(status).toBe(1);
    expect(stdout.readUInt32LE(0)).toBe(stdout.length - 4);
    const { kind, id, error } = JSON.parse(stdout.subarray(4).toString("utf8"));
    expect([kind, id]).toEqual(["response", 1]);
    expect(deserializeError(error)).toMatchObject({
      code: "environment_unusable",
      message: expect.stringContaining(
        `Node, with which it was installed, is no longer at ${join(folder, "gone/node")}`,
      ),
      fix: expect.stringContaining("`flybrowser install`"),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the manifest allows the unpacked extension, those of the stores, and whom the user names", () => {
  const { allowed_origins: origins } = hostManifest("/host", ["a".repeat(32), EXTENSION_ID]) as {
    allowed_origins: string[];
  };
  expect(origins).toEqual(
    [...new Set([EXTENSION_ID, ...STORE_EXTENSION_IDS, "a".repeat(32)])].map((id) => `chrome-extension://${id}/`),
  );
});
