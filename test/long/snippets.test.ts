// Every snippet of the README and of docs/agents.md as it stands: written to a file in an empty project (`npm init -y`), compiled as
// TypeScript, and run, with the newest Puppeteer and Playwright and the oldest that we say. One without an import is a part of a script:
// it is compiled with what it takes for granted. example.com is a server of this test; waits of a minute are cut to a second.
import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findBrowser } from "../../sdk/find-browser.ts";
import { installPackage, type Project } from "../e2e/harness/installed-package.ts";
import { type Outcome, run } from "../e2e/harness/run.ts";

const ROOT = join(import.meta.dirname, "../..");

interface Snippet {
  readonly page: string;
  readonly language: string;
  readonly code: string;
}

const snippets: Snippet[] = ["README.md", "docs/agents.md"].flatMap((page) =>
  [...readFileSync(join(ROOT, page), "utf8").matchAll(/^```(\w+)\n([\s\S]*?)^```/gm)].map(
    ([, language = "", code = ""]) => ({ page, language, code }),
  ),
);

/** Shell lines that are run by other tests, and by which. */
const ELSEWHERE: readonly [start: RegExp, file: string][] = [
  [/^npm (ci|run build|pack|start)\b/, "test/e2e/harness/installed-package.ts"], // start: the same set-up as `npm test`
  [/^npm install (\.\.\/flybrowser-stream|playwright)/, "test/e2e/harness/installed-package.ts"],
  [/^RTMP_STREAM_KEY=/, "test/long/contract-rtmps.test.ts"], // the same with a server of its own
  [/ --share internet\b/, "test/host/sharing.test.ts"], // with programs that speak as tunnels do
  [/ FLYBROWSER_PUBLIC_URL=/, "test/host/proxy.test.ts"], // with a server of its own in front
  [/ attach http/, "test/e2e/attach.test.ts"],
  [/^\s*(curl|-d) /, "examples/control-api.sh"],
];

/** What a part of a script takes for granted. */
const GRANTED = `
  import { FlyBrowser } from "flybrowser-stream";
  import type { Page } from "puppeteer-core";
  declare const browser: FlyBrowser;
  declare const page: Page;
  declare const card: string;
  declare function order(page: Page): Promise<void>;
  declare function logIn(page: Page): Promise<void>;
`;

const name = ({ page, code }: Snippet) => `${page}: ${code.trim().split("\n").slice(0, 4).join(" ").slice(0, 90)}`;
const scripts = snippets.filter(({ language }) => language === "js");
const commands = snippets
  .filter(({ language }) => language === "sh")
  .flatMap(({ page, code }) =>
    code
      .replace(/\\\n/g, " ")
      .split("\n")
      .filter((line) => line.trim() !== "" && !line.startsWith("#"))
      .map((line) => [page, line] as const),
  );

const folder = mkdtempSync(join(tmpdir(), "flybrowser-snippets-"));
let server: Server;
/** A Chromium for which example.com is the server of this test. */
const chromium = join(folder, "chromium");

beforeAll(async () => {
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=example.com", "-days", "2"];
  execFileSync("openssl", [...request, "-keyout", key, "-out", cert], { stdio: "pipe" });
  server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }, (_, response) => {
    response.setHeader("Content-Type", "text/html").end("<title>Example</title><h1>Example Domain</h1>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const more = `--ignore-certificate-errors --host-resolver-rules='MAP example.com:443 127.0.0.1:${port}, MAP example.org:443 127.0.0.1:${port}'`;
  writeFileSync(chromium, `#!/bin/sh\nexec '${findBrowser(undefined)}' "$@" ${more}\n`);
  chmodSync(chromium, 0o755);
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
});

/** Our own environment, but for a home of its own. */
const env = { HOME: folder, XDG_DATA_HOME: "", XDG_CONFIG_HOME: "", XDG_STATE_HOME: "", FLYBROWSER_CHROMIUM: chromium };

async function projectWith(...packages: string[]): Promise<Project> {
  // As `npm init -y` makes it: CommonJS.
  const project = await installPackage({ version: "1.0.0", main: "index.js" });
  const install = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--legacy-peer-deps", ...packages];
  const { status, stderr } = await run("npm", install, { cwd: project.folder, timeout: 240_000 });
  if (status !== 0) throw new Error(stderr);
  return project;
}

describe.each([
  ["the newest drivers", ["puppeteer-core@latest", "playwright-core@latest", "playwright@npm:playwright-core@latest"]],
  ["the oldest drivers", ["puppeteer-core@23.0.0", "playwright@npm:playwright-core@1.48.0"]],
])("scripts, with %s", (_, packages) => {
  let project: Project;
  beforeAll(async () => {
    project = await projectWith(...packages, "@types/node@20", "typescript@5");
  }, 300_000);
  afterAll(() => project.remove());

  test.each(scripts.map((snippet) => [name(snippet), snippet] as const))("%s", async (_, { code }) => {
    const whole = /^import /m.test(code);
    writeFileSync(join(project.folder, "snippet.mjs"), code.replaceAll("60_000", "1_000"));
    writeFileSync(join(project.folder, "snippet.mts"), whole ? code : GRANTED + code);
    const strict = ["--strict", "--skipLibCheck", "--target", "es2023", "--module", "nodenext", "--types", "node"];
    const typed = await project.run("npx", "tsc", "--noEmit", "--noImplicitAny", "false", ...strict, "snippet.mts");
    expect([typed.stdout.toString(), typed.status]).toEqual(["", 0]);
    if (!whole) return;
    const options = { cwd: project.folder, env, timeout: 90_000 };
    const { stdout, stderr, status } = await run(process.execPath, ["snippet.mjs"], options);
    expect([status, stderr]).toEqual([0, ""]);
    if (code.includes("Watch:")) expect(stdout.toString()).toMatch(/Watch: http:\/\/127\.0\.0\.1:\d+\/s\//);
    if (code.includes("demo.mp4")) expect(stdout.toString()).toMatch(/demo\.mp4: [\d.]+ s/);
    rmSync(join(project.folder, "demo.mp4"), { force: true });
  });
});

describe("commands", () => {
  let project: Project;
  beforeAll(async () => {
    project = await installPackage({ version: "1.0.0" });
  });
  afterAll(() => project.remove());

  test.each(commands)("%s: %s", async (_, line) => {
    const elsewhere = ELSEWHERE.find(([start]) => start.test(line));
    if (elsewhere) return expect([line, existsSync(join(ROOT, elsewhere[1]))]).toEqual([line, true]);
    expect(line).toMatch(/\bnpx flybrowser /);
    const shorter = line.replace("--duration 60", "--duration 2");
    const endless = / flybrowser stream /.test(shorter) && !shorter.includes("--duration");
    const script = endless ? shorter.replace(/( flybrowser stream \S+)/, "$1 --duration 2") : shorter;
    const outcome: Outcome = await run("sh", ["-c", script], { cwd: project.folder, env, timeout: 90_000 });
    if (/ install$/.test(line))
      return expect([outcome.status, outcome.stderr]).toEqual([0, expect.stringContaining("✓ ")]);
    expect([outcome.status, outcome.stderr]).toEqual([0, expect.not.stringContaining("✗")]);
    if (/ stream /.test(line) && !line.includes("--json")) expect(outcome.stderr).toContain("Watch:");
  });
});
