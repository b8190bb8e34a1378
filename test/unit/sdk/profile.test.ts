import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeProfile } from "../../../sdk/profile.ts";

test("with a profile goes the folder of its Chromium's socket, and no other folder that a link may name", () => {
  const folder = mkdtempSync(join(tmpdir(), "profile-"));
  try {
    for (const [name, left] of [
      [".org.chromium.Chromium.AbCd12", false],
      ["documents", true],
    ] as const) {
      const profile = join(folder, "profile");
      const target = join(folder, name);
      mkdirSync(profile);
      mkdirSync(target);
      writeFileSync(join(target, "SingletonSocket"), "");
      symlinkSync(join(target, "SingletonSocket"), join(profile, "SingletonSocket"));
      removeProfile(profile);
      expect([existsSync(profile), existsSync(target)]).toEqual([false, left]);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
