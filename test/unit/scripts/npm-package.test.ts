// What the workflow of a release adds to package.json.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { packForNpm } from "../../../scripts/package/npm-package.ts";

const GITHUB = { GITHUB_SERVER_URL: "https://github.example", GITHUB_REPOSITORY: "someone/streams" };

test.each([
  ["a workflow's package says where the project lives", GITHUB, "git+https://github.example/someone/streams.git"],
  ["one made elsewhere invents no address", {}, undefined],
])("%s", (_, env, repository) => {
  const folder = mkdtempSync(join(tmpdir(), "npm-package-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [root, release] = [join(folder, "root"), join(folder, "release")];
  for (const path of [root, release]) mkdirSync(path);
  writeFileSync(
    join(root, "package.json"),
    JSON.stringify({ name: "streams", version: "1.2.3", files: ["dist"], bin: "dist/run.js" }),
  );
  mkdirSync(join(root, "dist"));
  for (const file of ["dist/run.js", "left-out.js"]) writeFileSync(join(root, file), "#!/usr/bin/env node\n");
  const file = packForNpm(root, release, env);
  expect(file).toBe("streams-1.2.3.tgz");
  const tar = (...args: string[]) => execFileSync("tar", args, { cwd: release, encoding: "utf8" });
  expect(tar("-tzf", file).trim().split("\n").sort()).toEqual(["package/dist/run.js", "package/package.json"]);
  const packed = JSON.parse(tar("-xzOf", file, "package/package.json"));
  expect(packed.repository?.url).toBe(repository);
  expect(packed.homepage).toBe(repository && "https://github.example/someone/streams#readme");
  expect(packed.bugs?.url).toBe(repository && "https://github.example/someone/streams/issues");
  expect(packed).toMatchObject({ version: "1.2.3", files: ["dist"] });
});
