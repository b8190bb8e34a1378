// Reads and writes the Windows registry with reg.exe.
import { execFileSync } from "node:child_process";
import { FlyBrowserError } from "../protocol/errors.ts";
import { sentence } from "../protocol/sentence.ts";

function reg(args: readonly string[]): string {
  return execFileSync("reg.exe", args, { encoding: "utf8", timeout: 10_000, windowsHide: true, stdio: "pipe" });
}

/** Whether a key exists. */
export function keyExists(key: string): boolean {
  try {
    reg(["query", key]);
    return true;
  } catch {
    return false;
  }
}

/** Creates a key with a default value. @throws FlyBrowserError `internal`. */
export function setDefaultValue(key: string, value: string): void {
  try {
    reg(["add", key, "/ve", "/t", "REG_SZ", "/d", value, "/f"]);
  } catch (cause) {
    throw new FlyBrowserError("internal", { reason: sentence("install.registry", { key }) }, { cause });
  }
}

/** Removes a key if it exists. */
export function removeKey(key: string): void {
  if (keyExists(key)) reg(["delete", key, "/f"]);
}
