import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { launcherText, writeLauncher } from "../../../sdk/native-host-files.ts";

test("the launcher passes paths and variables on, whatever is in them", async () => {
  const folder = mkdtempSync(join(tmpdir(), "it's a $HOME "));
  try {
    const main = join(folder, "main.mjs");
    writeFileSync(main, "console.log(JSON.stringify([process.env.FLY_TEST, ...process.argv.slice(2)]))");
    const launcher = await writeLauncher({ folder, main, env: { FLY_TEST: "a 'b' \"c\" $PATH" } });
    const said = execFileSync(launcher, ["chrome-extension://x/"], { encoding: "utf8" });
    expect(JSON.parse(said)).toEqual(["a 'b' \"c\" $PATH", "chrome-extension://x/"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a batch file keeps percent signs", () => {
  const text = launcherText({ folder: "C:\\x", main: "C:\\100%\\main.js", node: "C:\\node.exe" }, "win32");
  expect(text).toContain('"C:\\node.exe" "C:\\100%%\\main.js" %*');
});
