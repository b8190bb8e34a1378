// What the SDK says when something it needs isn't there: the build, or the package itself.
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, it, vi } from "vitest";
import { builtPath, packageRoot } from "../../../sdk/installation.ts";

vi.mock("node:fs", async (original) => ({ ...(await original<typeof import("node:fs")>()), existsSync: vi.fn() }));

beforeEach(async () => {
  const actual = await vi.importActual<typeof import("node:fs")>("node:fs");
  vi.mocked(existsSync).mockImplementation((path) => !/[\\/]dist\b/.test(String(path)) && actual.existsSync(path));
});

it("says not_built with the path that is missing, and how to build", () => {
  expect(() => builtPath("extension")).toThrow(
    expect.objectContaining({
      code: "not_built",
      message: expect.stringMatching(/dist.extension is missing/),
      fix: expect.stringContaining("npm run build"),
    }),
  );
});

it("says package_missing, and what to install, where neither the file nor the program nor the folder leads to it", async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), "flybrowser-elsewhere-"));
  const [program, folder] = [process.argv[1], process.cwd()];
  try {
    process.argv[1] = join(elsewhere, "bundle.js");
    vi.spyOn(process, "cwd").mockReturnValue(elsewhere);
    expect(() => packageRoot(elsewhere)).toThrow(
      expect.objectContaining({
        code: "package_missing",
        message: "The npm package flybrowser-stream is not installed.",
        fix: "Run `npm install flybrowser-stream`.",
      }),
    );
  } finally {
    vi.restoreAllMocks();
    process.argv[1] = program ?? "";
    expect(process.cwd()).toBe(folder);
    await rm(elsewhere, { recursive: true });
  }
});
