// Who is who in a process tree, and what it used.
import { describe, expect, it } from "vitest";
import {
  coresBetween,
  coresElsewhere,
  memoryByRole,
  parseMachineTicks,
  parseStat,
  roleOf,
  takeSnapshot,
} from "../../../bench/processes.ts";

describe("processes", () => {
  it("knows a process by its program and its parent", () => {
    expect(roleOf("/usr/bin/node", null)).toBe("driver");
    expect(roleOf("/usr/lib/chromium/chromium", "driver")).toBe("browser");
    expect(roleOf("/usr/lib/chromium/chromium --type=renderer --user-data-dir=/tmp/x", "browser")).toBe("browser");
    expect(roleOf("/bin/sh", "browser")).toBe("host");
    expect(roleOf("/usr/bin/node", "host")).toBe("host");
    expect(roleOf("/usr/bin/ffmpeg", "host")).toBe("ffmpeg");
    expect(roleOf("/tmp/registry/ffmpeg-1013/ffmpeg-linux", "driver")).toBe("ffmpeg");
  });

  it("reads a stat line whose name holds spaces and brackets", () => {
    const rest = "S 42 1 1 0 -1 0 0 0 0 0 70 30 5 5 20 0 1 0 0 0";
    expect(parseStat(`7 (a (b) c) ${rest}`)).toEqual({ parent: 42, ticks: 100 });
  });

  it("counts the time of a process that began in between whole", () => {
    const process = (pid: number, ticks: number) => [pid, { pid, parent: 1, ticks, role: "host" }] as const;
    const before = { at: 0, machine_ticks: 1000, processes: new Map([process(1, 100)]) };
    const after = { at: 2000, machine_ticks: 1250, processes: new Map([process(1, 150), process(2, 50)]) };
    expect(coresBetween(before, after)).toEqual({ browser: 0, host: 0.5, ffmpeg: 0, driver: 0 });
    expect(coresElsewhere(before, after)).toBeCloseTo(0.75);
  });

  it("counts no idle time of the machine", () => {
    expect(parseMachineTicks("cpu  100 20 30 9999 500 4 6 70 0 0\ncpu0 1 1 1 1")).toBe(160);
  });

  it.runIf(process.platform === "linux")("sees this process and its memory", async () => {
    const snapshot = await takeSnapshot([process.pid]);
    expect(snapshot.processes.get(process.pid)?.role).toBe("driver");
    expect((await memoryByRole(snapshot)).driver).toBeGreaterThan(10);
  });
});
