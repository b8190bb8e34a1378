// `npm run hello [-- PROGRAM …]`: ms from the start of a host to its answer to the browser's hello, on a machine without Node on the PATH. Without
// a program: the built host under this Node, and the executable of this system, made anew.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { sleep } from "../protocol/async.ts";
import { EXTENSION_ID, PROTOCOL_VERSION, SOFTWARE_VERSION } from "../protocol/version.ts";
import { thisSystem } from "../scripts/setup/node-binary.ts";
import { emptyMachine } from "../test/e2e/harness/empty-machine.ts";
import { percentile } from "./statistics.ts";

/** Starts that are measured, after one that isn't. */
const RUNS = 21;
/** ms that the first lives on, to keep on the disk what it has found. */
const FIRST_LIVES = 2_000;

const ROOT = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "flybrowser-hello-"));

/** A host that is measured. */
interface Subject {
  readonly name: string;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly times: number[];
}

function builtExecutable(): string {
  const system = thisSystem();
  if (system === null) throw new Error("there is no executable for this system");
  const out = join(folder, "release");
  execFileSync(process.execPath, ["--import", "tsx", "scripts/package.ts", "--quick", "--out", out, system], {
    cwd: ROOT,
  });
  return join(out, readdirSync(out)[0] ?? "");
}

function subject(words: string): Subject {
  const command = words.split(",");
  const name = command.map((word) => basename(word)).join(" ");
  const home = mkdtempSync(join(folder, "home-"));
  return { name, command, env: emptyMachine(home).env, times: [] };
}

/** A message in its frame (developer.chrome.com: Native messaging). */
function hello(): Buffer {
  const versions = { protocol_version: PROTOCOL_VERSION, extension_version: SOFTWARE_VERSION };
  const params = { ...versions, user_agent: "bench", preferred_port: null, resumes: [] };
  const body = Buffer.from(JSON.stringify({ kind: "request", id: 1, method: "hello", params }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(body.length);
  return Buffer.concat([length, body]);
}

/** Starts it, says hello, ends it; ms until the first byte of the answer. */
async function greet({ command: [program = "", ...args], env }: Subject, lives: number): Promise<number> {
  const began = performance.now();
  const words = [...args, `chrome-extension://${EXTENSION_ID}/`];
  const child = spawn(program, words, { stdio: ["pipe", "pipe", "ignore"], env });
  const closed = once(child, "close");
  child.stdin.write(hello());
  await once(child.stdout, "data", { signal: AbortSignal.timeout(20_000) });
  const took = performance.now() - began;
  await sleep(lives);
  child.stdin.end();
  await closed;
  return took;
}

try {
  const asked = process.argv.slice(2);
  const programs =
    asked.length > 0 ? asked : [`${process.execPath},${join(ROOT, "dist/native-host/main.js")}`, builtExecutable()];
  const subjects = programs.map(subject);
  const first = new Map<Subject, number>();
  for (const each of subjects) first.set(each, await greet(each, FIRST_LIVES));
  for (let run = 0; run < RUNS; run++) for (const each of subjects) each.times.push(await greet(each, 0));
  for (const each of subjects) {
    const figure = (share: number) => `${percentile(each.times, share).toFixed(0)} ms`;
    const least = `${Math.min(...each.times).toFixed(0)} ms`;
    const cold = `${first.get(each)?.toFixed(0)} ms`;
    console.log(
      `${each.name}: median ${figure(0.5)}, least ${least}, 95 of 100 within ${figure(0.95)}; the very first ${cold}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
