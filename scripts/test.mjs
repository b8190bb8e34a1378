// `npm test`: sets up what is missing, then runs every check and every test, also after one has failed; the last line is
// `N passed, N failed`.
import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { bootstrap, fail, ROOT } from "./bootstrap.mjs";
import { pace } from "./setup/pace.mjs";
import { installTestPrograms } from "./setup/test-programs.mjs";

const RESULTS = join(ROOT, ".cache/test-results");
/** From here on a machine is slow: half as many tests at a time. */
const SLOW = 1.7;
/** Projects of vitest, and test files at a time: those of the host mostly wait for media in real time; a browser keeps a core busy. */
const GROUPS = [
  { name: "unit", projects: ["unit", "unit-mocked"], workers: 3, whereSlow: 2 },
  { name: "host", projects: ["host"], workers: 4, whereSlow: 2 },
  { name: "e2e", projects: ["e2e"], workers: 2, whereSlow: 1 },
];
const total = { passed: 0, failed: 0 };
const summary = [];

function count(name, passed, failed) {
  total.passed += passed;
  total.failed += failed;
  summary.push(`${failed === 0 ? "✓" : "✗"} ${name}: ${passed} passed, ${failed} failed`);
}

/** Runs a program of the project's dependencies, its output shown as it comes; gives its exit status. */
function program(path, args, env) {
  return new Promise((resolve) => {
    const options = { stdio: "inherit", cwd: ROOT, env: { ...process.env, ...env } };
    const child = spawn(process.execPath, [join(ROOT, "node_modules", path), ...args], options);
    child.on("error", () => resolve(1));
    child.on("close", (code) => resolve(code ?? 1));
  });
}

async function check(name, path, args) {
  process.stdout.write(`\n— ${name}\n`);
  const status = await program(path, args, {});
  count(name, status === 0 ? 1 : 0, status === 0 ? 0 : 1);
}

/** Runs one group of tests; its figures come from vitest's own report. */
async function tests({ name, projects, workers, whereSlow }, env) {
  process.stdout.write(`\n— ${name} tests\n`);
  const report = join(RESULTS, `${name}.json`);
  rmSync(report, { force: true });
  const notes = join(RESULTS, `${name}-notes.json`);
  rmSync(notes, { force: true });
  const reporters = [
    ...["--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
    "--reporter=./scripts/test-reporter.mjs",
  ];
  const chosen = projects.flatMap((project) => ["--project", project]);
  const args = ["run", ...chosen, `--maxWorkers=${slow ? whereSlow : workers}`, ...reporters];
  const status = await program("vitest/vitest.mjs", args, { ...env, TEST_NOTES: notes });
  const { passed, failed } = figures(report);
  // A file that can't be loaded, or an error outside of any test, fails without a failed test.
  count(`${name} tests`, passed, failed === 0 && status !== 0 ? 1 : failed);
  const { failed: failures, secondTries } = notesOf(notes);
  for (const test of failures) summary.push(`  ✗ ${test}`);
  for (const test of secondTries) summary.push(`  ⚠ only at the second try: ${test}`);
}

function notesOf(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return { failed: [], secondTries: [] }; // vitest didn't come that far, which is counted as a failure
  }
}

function figures(report) {
  try {
    const { numPassedTests: passed, numFailedTests: failed } = JSON.parse(readFileSync(report, "utf8"));
    return { passed, failed };
  } catch {
    return { passed: 0, failed: 0 };
  }
}

// The host's tests start dozens of hosts: the built one is there in a fifth of the time that the sources take.
const env = { ...(await bootstrap().catch(fail)), FLYBROWSER_TEST_BUILT: "1" };
await installTestPrograms().catch(fail);
const times = pace();
const slow = times >= SLOW;
if (slow)
  process.stdout.write(
    `\nPrograms take ${times} times as long to start here as usual: fewer tests at a time, longer limits.\n`,
  );
env.TEST_PACE = String(times);
mkdirSync(RESULTS, { recursive: true });
await check("types", "typescript/bin/tsc", ["--noEmit"]);
await check("lint and format", "@biomejs/biome/bin/biome", ["check", "--error-on-warnings", "."]);
await check("imports", "tsx/dist/cli.mjs", ["scripts/check-imports.ts"]);
for (const group of GROUPS) await tests(group, env);

process.stdout.write(`\n${summary.join("\n")}\n\n${total.passed} passed, ${total.failed} failed\n`);
process.exit(total.failed === 0 ? 0 : 1);
