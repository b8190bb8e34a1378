// A host that has lost its connection: the next one is handed over to it and its streams go on; without one it ends. One that was stopped
// is killed.
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { BROWSER_PID } from "../../protocol/node/processes.ts";
import { parseStartStreamOptions } from "../../protocol/options.ts";
import { PROTOCOL_VERSION } from "../../protocol/version.ts";
import { HostProcess, TAB } from "./harness/host-process.ts";
import { runs, until } from "./harness/processes.ts";
import { Publisher } from "./harness/publisher.ts";

const OPTIONS = parseStartStreamOptions({});

const closers: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function stateDir(): string {
  const folder = mkdtempSync(join(tmpdir(), "flybrowser-handover-"));
  closers.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A process that stands for a launcher's browser. */
function browser(): number {
  const child = spawn("sleep", ["600"], { stdio: "ignore" });
  closers.push(() => child.kill("SIGKILL"));
  return child.pid as number;
}

/** A connection: a host, or what becomes its bridge. */
function connection(state_dir: string, browser_pid: number): HostProcess {
  const host = new HostProcess({ state_dir, env: { [BROWSER_PID]: String(browser_pid) } });
  closers.push(() => host.close());
  return host;
}

/** Resolves once it waits for its first message. */
async function begun(state_dir: string, { pid }: HostProcess): Promise<void> {
  const log = join(state_dir, "logs", "host.log");
  await until("it runs", () => readFileSync(log, "utf8").includes(`[${pid} main]`));
}

async function streaming(state_dir: string, browser_pid: number) {
  const host = connection(state_dir, browser_pid);
  const info = await host.hello();
  const publisher = await Publisher.open(host, { media: { width: 320, height: 180 } });
  closers.push(() => publisher.abandon());
  await publisher.playable();
  return { host, info, publisher };
}

test("the next connection gets the host that lives: same run, nothing lost; and once more", async () => {
  const [state_dir, browser_pid] = [stateDir(), browser()];
  const { host, info, publisher } = await streaming(state_dir, browser_pid);
  const { stream_id } = publisher;
  const lost: HostProcess[] = [host];
  await host.peer.call("createLink", { stream_id, options: { name: "Ada" } });
  for (let time = 0; time < 2; time++) {
    const next = connection(state_dir, browser_pid);
    await begun(state_dir, next);
    lost.at(-1)?.hangUp();
    expect(await next.hello(info.port, PROTOCOL_VERSION, [], [], info.session_id)).toEqual(info);
    const { stream_id: id, view_token, generation } = publisher.identity;
    const goes_on = { stream_id: id, view_token, generation, links: [{ token: view_token }, { name: "Ada" }] };
    expect(await next.peer.call("openStream", reopened(publisher))).toMatchObject(goes_on);
    const { run, bytes, told } = await taken(next, stream_id);
    expect([run, bytes > 0]).toEqual([time, true]);
    expect(told).toBeLessThanOrEqual(bytes);
    publisher.host = next;
    await publisher.freshRun(); // what was sent meanwhile is lost: the test keeps nothing of it
    await until("the next run has come", async () => {
      const now = await taken(next, stream_id);
      return now.run === time + 1 && now.bytes > 0;
    });
    await until("a status comes by this connection", () => next.heard("stream_status").length > 0);
    expect(next.heard("stream_status").at(-1)?.info).toMatchObject({
      stream_id,
      recovery_metrics: { ffmpeg_restarts: 0 },
    });
    lost.push(next);
  }
  const last = lost.at(-1) as HostProcess;
  await last.peer.call("closeStream", { stream_id, reason: "the test" });
  last.hangUp(); // without a stream nothing is waited for
  await Promise.all(lost.map((each) => each.ended()));
  expect(readdirSync(join(state_dir, "hosts"))).toEqual([]);
});

const taken = (host: HostProcess, stream_id: string) => host.peer.call("takenMedia", { stream_id });
const reopened = ({ identity }: Publisher) => ({
  ...{ tab: TAB, options: OPTIONS, published: true },
  resume: { ...identity, generation: identity.generation + 1 },
});

test("a host ends when nobody comes, and at once when its browser has gone", async () => {
  const [state_dir, browser_pid] = [stateDir(), browser()];
  const { host } = await streaming(state_dir, browser_pid);
  host.hangUp();
  await until("it waits", () => readdirSync(join(state_dir, "hosts")).some((name) => name.endsWith(".sock")));
  process.kill(browser_pid, "SIGKILL");
  expect(await host.ended(2_500)).toBe(0);
  const other = await streaming(state_dir, process.pid);
  other.host.hangUp();
  expect(await other.host.ended(8_000)).toBe(0);
  expect(existsSync(join(state_dir, "hosts")) && readdirSync(join(state_dir, "hosts"))).toEqual([]);
});

test("one that was stopped is killed, one that works isn't; the next one is a host of its own", async () => {
  const [state_dir, browser_pid] = [stateDir(), browser()];
  const { host, info } = await streaming(state_dir, browser_pid);
  const next = connection(state_dir, browser_pid);
  const { session_id } = info;
  expect(await next.peer.call("endFrozen", { session_id })).toEqual({ ended: null });
  host.kill("SIGSTOP");
  expect(await next.peer.call("endFrozen", { session_id })).toEqual({ ended: "host" });
  expect(runs(host.pid)).toBe(false);
  expect(await next.hello(info.port, PROTOCOL_VERSION, [], [], session_id)).toMatchObject({
    ...{ pid: next.pid, port: info.port },
  });
});

test("a bridge that was stopped is killed, and the next one leads to the same host, whether it was examined or not", async () => {
  const [state_dir, browser_pid] = [stateDir(), browser()];
  const { host, info } = await streaming(state_dir, browser_pid);
  const { session_id } = info;
  const connections = [0, 1, 2].map(() => connection(state_dir, browser_pid));
  await Promise.all(connections.map((each) => begun(state_dir, each)));
  const [first, examiner, last] = connections as [HostProcess, HostProcess, HostProcess];
  /** It leads to the host that lives. */
  const goesOn = async (next: HostProcess) =>
    expect(await next.hello(info.port, PROTOCOL_VERSION, [], [], session_id)).toEqual(info);
  host.hangUp();
  await goesOn(first);
  expect(await examiner.peer.call("endFrozen", { session_id })).toEqual({ ended: null });
  first.kill("SIGSTOP");
  expect(await examiner.peer.call("endFrozen", { session_id })).toEqual({ ended: "bridge" });
  expect([runs(first.pid), runs(host.pid)]).toEqual([false, true]);
  await goesOn(examiner);
  examiner.kill("SIGSTOP");
  await goesOn(last);
  expect([runs(examiner.pid), runs(host.pid)]).toEqual([false, true]);
  last.hangUp();
  await host.ended(8_000);
  expect(readdirSync(join(state_dir, "hosts"))).toEqual([]);
});

test("one that has lost its connection and was stopped meanwhile is replaced", async () => {
  const [state_dir, browser_pid] = [stateDir(), browser()];
  const { host, info } = await streaming(state_dir, browser_pid);
  host.kill("SIGSTOP");
  host.hangUp();
  const next = connection(state_dir, browser_pid);
  expect(await next.hello(info.port, PROTOCOL_VERSION, [], [], info.session_id)).toMatchObject({
    ...{ pid: next.pid, port: info.port },
  });
});
