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
