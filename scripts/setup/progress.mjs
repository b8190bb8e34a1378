// Runs the steps of the set-up and their child processes, with a line on stderr for each (stdout belongs to the results).
import { spawn } from "node:child_process";

const TTY = process.stderr.isTTY === true;

/** A failure that its one sentence explains; shown without a stack. */
export class SetupError extends Error {}

/**
 * Runs one step, with a line that says what it did and how many seconds it took.
 * `work` gets `say(text)` for what it is busy with; what it returns is shown behind the name. A step that returns
 * null had nothing to do and stays silent.
 */
export async function step(name, work) {
  const began = performance.now();
  const seconds = () => `${((performance.now() - began) / 1000).toFixed(1)} s`;
  let doing = "";
  const say = (text) => {
    doing = text.slice(0, 90);
    if (TTY) process.stderr.write(`\r\u001b[K… ${name}: ${doing}`);
  };
  const announce = setTimeout(() => process.stderr.write(`${TTY ? "\r\u001b[K" : ""}… ${name}\n`), 300);
  const pulse = TTY ? null : setInterval(() => process.stderr.write(`… ${name}: ${seconds()} ${doing}\n`), 10_000);
  try {
    const done = await work(say);
    if (done !== null) process.stderr.write(`${TTY ? "\r\u001b[K" : ""}✓ ${name}: ${done} (${seconds()})\n`);
  } catch (error) {
    process.stderr.write(`${TTY ? "\r\u001b[K" : ""}✗ ${name} (${seconds()})\n`);
    throw error;
  } finally {
    clearTimeout(announce);
    clearInterval(pulse);
  }
}

/**
 * Runs a program to its end and gives what it printed. `say` hears each line; `timeout` is in ms.
 * Rejects with SetupError, the last lines of the output in it.
 */
export function run(command, args, { say = () => {}, timeout = 60_000, env = {}, cwd } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    const timer = setTimeout(() => child.kill("SIGKILL"), timeout);
    let output = "";
    const hear = (data) => {
      output = (output + data).slice(-200_000);
      const line = String(data)
        .trim()
        .split(/[\r\n]+/)
        .at(-1);
      if (line) say(line);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(new SetupError(`${command} could not be run: ${error.message}`));
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(output);
      const tail = output.trim().split("\n").slice(-20).join("\n");
      const how = signal ? `was ended by ${signal} (time limit ${timeout / 1000} s)` : `ended with ${code}`;
      reject(new SetupError(`${command} ${args.join(" ")} ${how}.\n${tail}`));
    });
  });
}
