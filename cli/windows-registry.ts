// The few things that are asked of and told to the Windows registry, by reg.exe.
// Never touches anything outside HKCU\Software.
import { execFileSync } from "node:child_process";
import { FlyBrowserError } from "../protocol/errors.ts";

function reg(args: readonly string[]): string {
  return execFileSync("reg.exe", args, { encoding: "utf8", timeout: 10_000, windowsHide: true, stdio: "pipe" });
}

/** Whether a key is there. */
export function keyExists(key: string): boolean {
  try {
    reg(["query", key]);
    return true;
  } catch {
    return false;
  }
}

/** Makes a key with a default value. @throws FlyBrowserError `internal`. */
export function setDefaultValue(key: string, value: string): void {
  try {
    reg(["add", key, "/ve", "/t", "REG_SZ", "/d", value, "/f"]);
  } catch (cause) {
    throw new FlyBrowserError("internal", { reason: `the registry key ${key} could not be written` }, { cause });
  }
}

/** Removes a key; one that isn't there is fine. */
export function removeKey(key: string): void {
  if (keyExists(key)) reg(["delete", key, "/f"]);
}
