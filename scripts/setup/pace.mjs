// How slow this machine is, so that the tests wait longer and fewer of them run at a time where programs take long to start: on a
// virtual machine without hardware page tables, three times as long as elsewhere.
import { spawnSync } from "node:child_process";

/** ms in which a machine with two unremarkable cores starts Node: the tests' limits were set on one. */
const USUAL = 45;
const TRIES = 7;
/** More would be no patience any more. */
const MOST = 5;

/** How many times as long as usual a program takes to start here, 1 to 5. Takes a third of a second, on a slow machine more. */
export function pace() {
  let best = Number.POSITIVE_INFINITY;
  for (let index = 0; index < TRIES; index++) {
    const began = performance.now();
    spawnSync(process.execPath, ["-e", "0"], { stdio: "ignore", timeout: 10_000 });
    best = Math.min(best, performance.now() - began);
  }
  return Math.min(MOST, Math.max(1, Math.round((best / USUAL) * 10) / 10));
}
